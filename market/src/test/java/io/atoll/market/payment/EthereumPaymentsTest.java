package io.atoll.market.payment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Payments on a chain that runs here, and what a chain's node may answer that is of no use.
@Timeout(60)
class EthereumPaymentsTest {
  private static final String NOWHERE = "0x" + "ab".repeat(32);
  private static final Duration SHORT = Duration.ofMillis(400);
  private static LocalChain chain;
  private static String payer;
  private static String payee;
  private static String stranger;

  @BeforeAll
  static void begin() throws Exception {
    chain = new LocalChain();
    payer = chain.accounts().get(0);
    payee = chain.accounts().get(1);
    stranger = chain.accounts().get(2);
  }

  @AfterAll
  static void end() throws Exception {
    chain.close();
  }

  @Test
  void whatWentThroughIsAPayment() throws Exception {
    String hash = chain.pay(payer, payee, 5000);
    try (var any = new EthereumPayments(EthereumTerms.of(chain.uri()));
        var exact =
            new EthereumPayments(
                EthereumTerms.of(chain.uri()).paidTo(payee, BigInteger.valueOf(5000)))) {
      assertThat(any.check(hash)).isEqualTo(hash);
      assertThat(exact.check(hash.toUpperCase(Locale.ROOT).replace("0X", "0x"))).isEqualTo(hash);
    }
  }

  @Test
  void eachKindOfBadReferenceHasItsCode() throws Exception {
    String reverted = chain.revert(payer);
    String elsewhere = chain.pay(payer, stranger, 5000);
    String tooLittle = chain.pay(payer, payee, 4999);
    EthereumTerms terms = EthereumTerms.of(chain.uri()).paidTo(payee, BigInteger.valueOf(5000));
    try (var check = new EthereumPayments(terms)) {
      assertCode(check, "", ErrorCode.PAYMENT_MALFORMED);
      assertCode(check, "0x12", ErrorCode.PAYMENT_MALFORMED);
      assertCode(check, NOWHERE.replace('a', 'g'), ErrorCode.PAYMENT_MALFORMED);
      assertCode(check, "x".repeat(100_000), ErrorCode.PAYMENT_MALFORMED);
      assertCode(check, NOWHERE, ErrorCode.PAYMENT_UNKNOWN);
      assertCode(check, reverted, ErrorCode.PAYMENT_INVALID);
      assertCode(check, elsewhere, ErrorCode.PAYMENT_INVALID);
      assertCode(check, tooLittle, ErrorCode.PAYMENT_INVALID);
    }
  }

  @Test
  void whoeverDoesNotAnswerIsWaitedForNoLongerThanWasSaid() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
      long began = System.nanoTime();
      assertCode(check(silent.getLocalPort()), NOWHERE, ErrorCode.PAYMENT_TIMEOUT);
      assertThat(System.nanoTime() - began).isLessThan(Duration.ofSeconds(5).toNanos());
    }
  }

  @Test
  void anAnswerThatDripsIsNotWaitedForEither() throws Exception {
    try (ServerSocket slow = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
      Thread dripping =
          Thread.startVirtualThread(
              () -> {
                try (Socket socket = slow.accept()) {
                  var out = socket.getOutputStream();
                  out.write(
                      "HTTP/1.1 200 OK\r\nContent-Length: 90000\r\n\r\n"
                          .getBytes(StandardCharsets.US_ASCII));
                  while (true) {
                    out.write(' ');
                    Thread.sleep(50);
                  }
                } catch (IOException | InterruptedException over) {
                  // the other side went away
                }
              });
      assertCode(check(slow.getLocalPort()), NOWHERE, ErrorCode.PAYMENT_TIMEOUT);
      assertThat(dripping.join(Duration.ofSeconds(5))).isTrue();
    }
  }

  @Test
  void whatIsNoAnswerLetsNobodyIn() throws Exception {
    String receipt =
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"transactionHash\":\"%s\",\"status\":\"0x1\"}}";
    String good = receipt.formatted(NOWHERE);
    String[] strange = {
      "",
      "[]",
      "<html>",
      "{\"jsonrpc\":\"2.0\",\"id\":1}",
      "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":true}",
      "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32000,\"message\":\"no\"}}",
      good.replace("\"id\":1", "\"id\":7"),
      receipt.formatted("0x" + "cd".repeat(32)),
      good + " ".repeat(1 << 20)
    };
    for (String answer : strange) {
      assertAnswer(200, answer, ErrorCode.UNREACHABLE);
    }
    assertAnswer(500, good, ErrorCode.UNREACHABLE);
    assertAnswer(200, good.replace("\"0x1\"", "\"0x2\""), ErrorCode.PAYMENT_INVALID);
    HttpServer server = server(200, good);
    try (var check = check(server.getAddress().getPort())) {
      assertThat(check.check(NOWHERE)).isEqualTo(NOWHERE);
    } finally {
      server.stop(0);
    }
    assertCode(check(server.getAddress().getPort()), NOWHERE, ErrorCode.UNREACHABLE);
  }

  private static void assertAnswer(int status, String answer, ErrorCode code) throws Exception {
    HttpServer server = server(status, answer);
    try {
      assertCode(check(server.getAddress().getPort()), NOWHERE, code);
    } finally {
      server.stop(0);
    }
  }

  private static HttpServer server(int status, String answer) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", exchange -> answer(exchange, status, answer));
    server.start();
    return server;
  }

  private static void answer(HttpExchange exchange, int status, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    try (exchange) {
      exchange.getResponseBody().write(bytes);
    }
  }

  private static EthereumPayments check(int port) {
    return new EthereumPayments(
        EthereumTerms.of(URI.create("http://127.0.0.1:" + port)).within(SHORT));
  }

  private static void assertCode(EthereumPayments check, String reference, ErrorCode code) {
    assertThatThrownBy(() -> check.check(reference))
        .isInstanceOfSatisfying(
            AtollException.class,
            e -> {
              assertThat(e.code()).describedAs(e.text()).isEqualTo(code);
              assertThat(e.hint()).isNotEmpty();
              assertThat(e.text()).hasSizeLessThan(300);
            });
  }
}
