package io.atoll.client.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.client.gate.HttpHead.Body;
import io.atoll.client.gate.SocksWire.Datagram;
import io.atoll.client.gate.SocksWire.Request;
import io.atoll.core.testing.Fuzz;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// What programs say to the proxies.
class ProxyParsersTest {
  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replace(" ", ""));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static Request request(String text) throws IOException {
    return SocksWire.request(new DataInputStream(new ByteArrayInputStream(hex(text))));
  }

  private static HttpHead head(String text) throws IOException {
    return Objects.requireNonNull(HttpHead.read(new ByteArrayInputStream(ascii(text))), "a head");
  }

  private static String forwarded(String text) throws IOException {
    return new String(head(text).forwarded(), StandardCharsets.ISO_8859_1);
  }

  @Test
  void requestsOfSocks() throws Exception {
    assertThat(request("05 01 00 01 0a070003 0050"))
        .isEqualTo(new Request(1, new Target("10.7.0.3", 80)));
    assertThat(request("05 01 00 03 03 776562 01bb"))
        .isEqualTo(new Request(1, new Target("web", 443)));
    assertThat(request("05 03 00 04 fd070000000000000000000000000003 0035").target())
        .isEqualTo(new Target("fd07:0:0:0:0:0:0:3", 53));
    // A name with a space, no name, no port, an unknown kind of address.
    assertThat(request("05 01 00 03 03 772062 01bb").target()).isNull();
    assertThat(request("05 01 00 03 00 01bb").target()).isNull();
    assertThat(request("05 01 00 01 0a070003 0000").target()).isNull();
    assertThat(request("05 01 00 09 0a070003 0050").target()).isNull();
    assertThatThrownBy(() -> request("04 01 00 01 0a070003 0050"))
        .isInstanceOf(ProtocolException.class);
    assertThat(
            SocksWire.reply(
                SocksWire.Reply.DONE,
                new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 1080)))
        .isEqualTo(hex("05 00 00 01 7f000001 0438"));
  }

  @Test
  void datagramsOfSocks() {
    byte[] packet = hex("00 00 00 03 03 646e73 0035 6869");
    Datagram datagram = Objects.requireNonNull(SocksWire.datagram(packet, packet.length));
    assertThat(datagram.target()).isEqualTo(new Target("dns", 53));
    assertThat(datagram.head()).isEqualTo(hex("00 00 00 03 03 646e73 0035"));
    assertThat(datagram.bytes()).isEqualTo(ascii("hi"));
    byte[] piece = hex("00 00 01 03 03 646e73 0035 6869");
    assertThat(SocksWire.datagram(piece, piece.length)).isNull();
    assertThat(SocksWire.datagram(packet, 9)).isNull();
  }

  @Test
  void requestsOfHttp() throws Exception {
    HttpHead tunnel = head("CONNECT web:443 HTTP/1.1\r\nHost: web:443\r\n\r\n");
    assertThat(tunnel.tunnel()).isTrue();
    assertThat(tunnel.target()).isEqualTo(new Target("web", 443));
    assertThat(
            forwarded(
                "GET http://u:p@web:8080/a%20b?c HTTP/1.0\r\nHost: else\r\nAccept: */*\r\n"
                    + "Proxy-Authorization: x\r\nConnection: keep-alive, X-Own\r\nX-Own: y\r\n\r\n"))
        .isEqualTo(
            "GET /a%20b?c HTTP/1.1\r\nHost: web:8080\r\nAccept: */*\r\nConnection: close\r\n\r\n");
    assertThat(forwarded("GET http://[fd07::3] HTTP/1.1\r\n\r\n"))
        .startsWith("GET / HTTP/1.1\r\nHost: [fd07::3]\r\n");
    assertThat(head("POST http://web/ HTTP/1.1\r\nContent-Length: 7\r\n\r\n").body())
        .isEqualTo(new Body.Sized(7));
    assertThat(head("POST http://web/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n").body())
        .isEqualTo(new Body.Chunked());
    assertThat(HttpHead.read(new ByteArrayInputStream(new byte[0]))).isNull();
  }

  @Test
  void whatIsNoRequestOfHttpIsRefused() {
    for (String text :
        List.of(
            "GET / HTTP/1.1\r\nHost: web\r\n\r\n",
            "GET https://web/ HTTP/1.1\r\n\r\n",
            "GET http:///x HTTP/1.1\r\n\r\n",
            "GET http://we b/ HTTP/1.1\r\n\r\n",
            "GET http://web/ HTTP/2\r\n\r\n",
            "CONNECT web HTTP/1.1\r\n\r\n",
            "GET http://web/ HTTP/1.1\nHost: web\n\n",
            "GET http://web/ HTTP/1.1\r\nno field\r\n\r\n",
            "GET http://web/ HTTP/1.1\r\nHost : web\r\n\r\n",
            "GET http://web/ HTTP/1.1\r\n folded: x\r\n\r\n",
            "GET http://web/ HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            "GET http://web/ HTTP/1.1\r\nContent-Length: +1\r\n\r\n",
            "GET http://web/ HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            "GET http://web/ HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
            "GET http://web/ HTTP/1.1\r\nX: a\0b\r\n\r\n",
            "GET http://web/ HTTP/1.1\r\nX: a\rb\r\n\r\n",
            "GET http://web/ HTTP/1.1\r\n")) {
      assertThatThrownBy(() -> head(text)).as(text).isInstanceOf(ProtocolException.class);
    }
  }

  private static String body(Body how, String text) throws IOException {
    RequestBody body = new RequestBody(new ByteArrayInputStream(ascii(text)), how);
    return new String(body.readAllBytes(), StandardCharsets.ISO_8859_1);
  }

  @Test
  void aBodyEndsWhereItEnds() throws Exception {
    assertThat(body(new Body.Sized(5), "helloGET / HTTP/1.1")).isEqualTo("hello");
    assertThat(body(new Body.Sized(0), "GET / HTTP/1.1")).isEmpty();
    String chunks = "3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nT: x\r\n\r\n";
    assertThat(body(new Body.Chunked(), chunks + "GET")).isEqualTo(chunks);
    for (String damaged :
        List.of("3\nabc", "x\r\n", "3\r\nabcd\r\n", "3\r\nab", "-1\r\n", "\r\n")) {
      assertThatThrownBy(() -> body(new Body.Chunked(), damaged))
          .as(damaged)
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void damagedSocks() {
    List<byte[]> samples =
        List.of(
            hex("01 00 05 01 00 01 0a070003 0050"),
            hex("02 00 02 05 01 00 03 03 776562 01bb"),
            hex("01 00 05 03 00 04 fd070000000000000000000000000003 0035"),
            hex("00 00 00 03 03 646e73 0035 6869"),
            hex("00 00 00 01 0a070003 0035 6869"));
    int[] read = new int[1];
    Fuzz.rounds(
        "socks messages",
        50_000,
        random -> {
          byte[] bytes = Fuzz.bytes(random, samples);
          DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
          try {
            int method = SocksWire.method(in);
            assertThat(method).isIn(SocksWire.NO_LOGIN, SocksWire.NO_METHOD);
            Target target = SocksWire.request(in).target();
            read[0] += target == null ? 0 : 1;
          } catch (IOException refused) {
            assertThat(bytes.length).isLessThan(1 << 20);
          }
          Datagram datagram = SocksWire.datagram(bytes, bytes.length);
          if (datagram != null) {
            read[0]++;
            assertThat(datagram.head().length + datagram.bytes().length).isEqualTo(bytes.length);
          }
        });
    assertThat(read[0]).isPositive();
  }

  @Test
  void damagedHttp() {
    List<byte[]> samples =
        List.of(
            ascii("CONNECT web:443 HTTP/1.1\r\nHost: web:443\r\n\r\n"),
            ascii("GET http://web:8080/a?b HTTP/1.1\r\nHost: web\r\nConnection: x, y\r\n\r\n"),
            ascii(
                "POST http://web/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
            ascii("POST http://web/ HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello, and more"));
    int[] read = new int[1];
    Fuzz.rounds(
        "http proxy requests",
        50_000,
        random -> {
          ByteArrayInputStream in = new ByteArrayInputStream(Fuzz.bytes(random, samples));
          try {
            HttpHead head = HttpHead.read(in);
            if (head != null) {
              read[0]++;
              String text = new String(head.forwarded(), StandardCharsets.ISO_8859_1);
              // One head, and no other hidden in it.
              assertThat(head.tunnel() || text.indexOf("\r\n\r\n") == text.length() - 4).isTrue();
              assertThat(text.replace("\r\n", "")).doesNotContain("\r", "\n");
              var _ = new RequestBody(in, head.body()).readAllBytes();
            }
          } catch (IOException refused) {
            assertThat(refused.getMessage()).isNotEmpty();
          }
        });
    assertThat(read[0]).isPositive();
  }
}
