package io.atoll.daemon.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.Identity;
import io.atoll.core.term.Invite;
import io.atoll.core.term.Resources;
import io.atoll.daemon.journal.FileJournal;
import io.atoll.daemon.provider.Requester.Talk;
import io.atoll.daemon.provider.machine.ProviderConfig;
import io.atoll.market.agreement.Terms;
import io.atoll.market.deploy.DeployProtocol;
import io.atoll.market.payment.Payments;
import io.atoll.market.payment.SpentPayments;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.HostConfig;
import io.atoll.p2p.host.P2p;
import io.atoll.runtime.driver.mock.MockDriver;
import io.atoll.runtime.driver.mock.MockMachine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Deployment requests of a peer over a real connection; everything behind them is real but the
/// payload.
@Timeout(60)
class DeployServiceTest {
  @TempDir Path temp;
  private final MockMachine machine = new MockMachine();
  private final Identity providerIdentity = Identity.generate();
  private final Identity peer = Identity.generate();
  private Payments payments = Payments.none();
  private Host host;
  private Provider provider;
  private Requester requester;

  @BeforeEach
  void start() throws Exception {
    startProvider();
  }

  @AfterEach
  void stop() {
    stopProvider();
  }

  private void startProvider() throws Exception {
    host = P2p.start(HostConfig.of(providerIdentity, List.of("/ip4/127.0.0.1/tcp/0")));
    ProviderConfig config =
        new ProviderConfig(
            "ada",
            "test",
            "linux",
            "amd64",
            new Resources(4000, 1 << 30, 1 << 30),
            List.of("docker", "microvm"),
            List.of(),
            Map.of(),
            "boot-1");
    provider =
        new Provider(
                host,
                FileJournal.open(temp),
                Map.of(
                    "docker",
                    new MockDriver("docker", machine),
                    "microvm",
                    new MockDriver("microvm", machine)),
                config,
                new Terms(List.of("docker", "microvm"), false, false),
                Files.createDirectories(temp.resolve("runs")),
                payments,
                null)
            .start();
    requester = new Requester(peer, host);
  }

  private void stopProvider() {
    requester.close();
    provider.close();
    host.close();
  }

  private static String request(String id, String executor, String... script) {
    return "{'type':'DepReq','id':'"
        + id
        + "','executor':'"
        + executor
        + "','image':'debian:12','command':['"
        + String.join("','", script)
        + "'],'cpus':'0.1','memory':'64M'}";
  }

  private static boolean ended(JsonNode message) {
    return message.path("state").asText().equals("EXITED");
  }

  @Test
  void nobodyIsLetInByDefault() throws Exception {
    try (Talk talk = requester.open()) {
      talk.say(request("a", "docker", "exit_code=0"));
      JsonNode answer = talk.answer();
      assertThat(answer.get("success").asBoolean()).isFalse();
      assertThat(answer.get("code").asText()).isEqualTo("DENIED");
      assertThat(answer.get("hint").asText()).contains("atoll hub allow " + peer.id());
      assertThat(talk.stream().in().read()).isEqualTo(-1);
    }
    assertThat(machine.started()).isZero();
  }

  @Test
  void jobsOfBothExecutorsRunAndAreToldOf() throws Exception {
    assertThat(provider.allow(peer.id()).status()).contains("deployment requests");
    try (Talk talk = requester.open()) {
      talk.say(request("a", "docker", "output=hello", "run_for=300ms", "exit_code=3"));
      talk.say(request("b", "firecracker", "output=world", "run_for=50ms"));
      talk.sayNoMore();
      List<JsonNode> answers = new ArrayList<>();
      List<JsonNode> ends = new ArrayList<>();
      StringBuilder logs = new StringBuilder();
      while (ends.size() < 2) {
        JsonNode message = talk.hear();
        switch (message.get("type").asText()) {
          case "DepResp" -> answers.add(message);
          case "LogStdout" ->
              logs.append(new String(message.get("data").binaryValue(), StandardCharsets.UTF_8));
          default -> {
            if (ended(message)) {
              ends.add(message);
            }
          }
        }
      }
      assertThat(answers).extracting(it -> it.get("id").asText()).containsExactly("a", "b");
      assertThat(answers).allMatch(it -> it.get("success").asBoolean());
      assertThat(logs).contains("hello").contains("world");
      for (JsonNode end : ends) {
        boolean first = end.get("job").equals(answers.getFirst().get("job"));
        assertThat(end.get("exitCode").asInt()).isEqualTo(first ? 3 : 0);
        assertThat(end.get("cause").asText()).isEqualTo("EXITED");
      }
      assertThat(talk.stream().in().read()).isEqualTo(-1);
    }
    assertThat(machine.started()).isEqualTo(2);
  }

  @Test
  void jobsGoOnWithoutTheirStreamAndTheDaemonAndAreFoundAgain() throws Exception {
    provider.allow(peer.id());
    String slow = request("slow", "docker", "output=still here", "run_for=4S");
    String job;
    String quick;
    try (Talk talk = requester.open()) {
      talk.say(slow);
      job = talk.answer().get("job").asText();
      talk.say(request("quick", "docker", "exit_code=7"));
      quick = talk.answer().get("job").asText();
      talk.until(DeployServiceTest::ended);
    }
    stopProvider();
    startProvider();
    try (Talk talk = requester.open()) {
      talk.say(slow); // the answer may have been lost: the same id is the same job
      assertThat(talk.answer().get("job").asText()).isEqualTo(job);
      talk.say("{'type':'Follow','job':'" + quick + "'}");
      List<JsonNode> told = talk.until(DeployServiceTest::ended);
      assertThat(told.getLast().get("job").asText()).isEqualTo(quick);
      assertThat(told.getLast().get("exitCode").asInt()).isEqualTo(7);
      talk.say("{'type':'StopJob','job':'" + job + "'}");
      told = new ArrayList<>(told);
      told.addAll(talk.until(it -> ended(it) && it.get("job").asText().equals(job)));
      assertThat(told.getLast().get("cause").asText()).isEqualTo("STOPPED");
      assertThat(told)
          .filteredOn(it -> it.get("type").asText().equals("LogStdout"))
          .extracting(it -> new String(it.get("data").binaryValue(), StandardCharsets.UTF_8))
          .contains("still here");
    }
    assertThat(machine.started()).isEqualTo(2);
    provider.leave(peer.id().text());
    await().untilAsserted(() -> assertThat(temp.resolve("runs").toFile().list()).isEmpty());
  }

  @Test
  void whatIsStrangeIsRefusedAndStartsNothing() throws Exception {
    provider.allow(peer.id());
    String good = request("a", "docker", "exit_code=0");
    String[][] strange = {
      {"not json", "BAD_REQUEST"},
      {"[]", "BAD_REQUEST"},
      {"{}", "BAD_REQUEST"},
      {"{'type':'JobStatus'}", "BAD_REQUEST"},
      {good.replace("}", ",'more':1}"), "BAD_REQUEST"},
      {good.replace("}", ",'id':'b'}"), "BAD_REQUEST"},
      {good.replace("'a'", "'a b'"), "BAD_REQUEST"},
      {good.replace("'64M'", "[]"), "BAD_REQUEST"},
      {good + good, "BAD_REQUEST"},
      {good.replace("'docker'", "'process'"), "UNKNOWN_DRIVER"},
      {good.replace("'docker'", "'wasm'"), "UNKNOWN_DRIVER"},
      {good.replace("'executor':'docker',", ""), "UNKNOWN_DRIVER"},
      {"{'type':'Follow','job':'../../etc'}", "BAD_REQUEST"},
      {"{'type':'Follow','job':'t0123456789ab','offset':-1}", "BAD_REQUEST"},
      {"{'type':'StopJob','job':'t0123456789ab'}", "NOT_FOUND"},
    };
    try (Talk talk = requester.open()) {
      for (String[] one : strange) {
        talk.say(one[0]);
        JsonNode answer = talk.answer();
        assertThat(answer.get("code").asText()).describedAs(one[0]).isEqualTo(one[1]);
        assertThat(answer.get("hint").asText()).isNotEmpty();
      }
      talk.say(good); // fifteen were not one too many
      assertThat(talk.answer().get("success").asBoolean()).isTrue();
      talk.say("[]");
      assertThat(talk.answer().get("success").asBoolean()).isFalse();
      assertThatThrownBy(talk::answer).isInstanceOf(IOException.class);
    }
    try (Talk talk = requester.open()) {
      talk.stream().out().write(new byte[] {-1, -1, -1, -1, 15}); // a frame of 4 GiB
      talk.stream().out().flush();
      assertThat(talk.answer().get("code").asText()).isEqualTo("TOO_LARGE");
    }
    assertThat(machine.started()).isEqualTo(1);
  }

  @Test
  void whatDoesNotFitIsRefusedAndForgotten() throws Exception {
    provider.allow(peer.id());
    try (Talk talk = requester.open()) {
      String big = request("big", "docker", "exit_code=0").replace("'0.1'", "'64'");
      talk.say(big);
      JsonNode answer = talk.answer();
      assertThat(answer.get("code").asText()).isEqualTo("START_FAILED");
      assertThat(answer.get("content").asText()).contains("too little free");
      talk.say(big.replace("'64'", "'1'")); // the id is free again
      assertThat(talk.answer().get("success").asBoolean()).isTrue();
      List<Talk> more = new ArrayList<>();
      for (int i = 1; i < DeployProtocol.MAX_STREAMS; i++) {
        more.add(requester.open());
        more.getLast().say("{}");
        more.getLast().answer();
      }
      try (Talk tooMany = requester.open()) {
        assertThat(tooMany.answer().get("code").asText()).isEqualTo("TOO_MANY_REQUESTS");
      }
      more.forEach(Talk::close);
    }
  }

  @Test
  void aPaymentGuardsBothWaysIn() throws Exception {
    stopProvider();
    try (SpentPayments spent = SpentPayments.open(temp.resolve("payments"))) {
      payments =
          Payments.of(
              reference -> {
                if (!reference.startsWith("paid")) {
                  throw new AtollException(ErrorCode.PAYMENT_UNKNOWN, reference, "pay");
                }
                return reference;
              },
              spent);
      startProvider();
      provider.allow(peer.id());
      String free = request("a", "docker", "exit_code=0");
      try (Talk talk = requester.open()) {
        talk.say(free);
        assertThat(talk.answer().get("code").asText()).isEqualTo("PAYMENT_REQUIRED");
        talk.say(free.replace("}", ",'payment':'no'}"));
        assertThat(talk.answer().get("code").asText()).isEqualTo("PAYMENT_UNKNOWN");
        talk.say(free.replace("}", ",'payment':'" + "x".repeat(300) + "'}"));
        assertThat(talk.answer().get("code").asText()).isEqualTo("PAYMENT_MALFORMED");
        String tooBig = free.replace("'0.1'", "'64'").replace("}", ",'payment':'paid-1'}");
        talk.say(tooBig);
        assertThat(talk.answer().get("code").asText()).isEqualTo("START_FAILED");
        String paid = request("b", "docker", "exit_code=0").replace("}", ",'payment':'paid-1'}");
        talk.say(paid); // what was refused cost nothing
        assertThat(talk.answer().get("success").asBoolean()).isTrue();
        talk.say(paid.replace("'b'", "'c'"));
        assertThat(talk.answer().get("code").asText()).isEqualTo("PAYMENT_INVALID");
      }
      assertThat(machine.started()).isEqualTo(1);
      Invite invite =
          new Invite("i", "s", Identity.generate().id(), List.of("/ip4/127.0.0.1/tcp/1"), "");
      assertJoinFails(invite, ErrorCode.PAYMENT_REQUIRED);
      assertJoinFails(invite.withPayment("no"), ErrorCode.PAYMENT_UNKNOWN);
      assertJoinFails(invite.withPayment("paid-1"), ErrorCode.PAYMENT_INVALID);
      // A hub that is not there costs nothing: the payment is good for another.
      assertJoinFails(invite.withPayment("paid-2"), ErrorCode.UNREACHABLE);
      try (Talk talk = requester.open()) {
        talk.say(request("d", "docker", "exit_code=0").replace("}", ",'payment':'paid-2'}"));
        assertThat(talk.answer().get("success").asBoolean()).isTrue();
      }
    }
  }

  private void assertJoinFails(Invite invite, ErrorCode code) {
    assertThatThrownBy(() -> provider.join(invite))
        .isInstanceOfSatisfying(AtollException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  @Test
  void aPeerThatIsNoHubIsNeverDialled() throws Exception {
    provider.allow(peer.id());
    assertThat(provider.hubs()).hasSize(1);
    assertThat(provider.hubs().getFirst().addresses()).isEmpty();
    assertThat(provider.allow(peer.id()).id()).isEqualTo(peer.id());
    assertThatThrownBy(() -> provider.allow(providerIdentity.id()))
        .isInstanceOf(AtollException.class);
    Thread.sleep(Duration.ofMillis(300));
    assertThat(provider.hubs().getFirst().status()).isEqualTo("may send deployment requests");
  }
}
