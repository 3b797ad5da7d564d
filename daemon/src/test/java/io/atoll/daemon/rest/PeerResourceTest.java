package io.atoll.daemon.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.json.Json;
import io.atoll.daemon.rest.CommandLineFixture.Result;
import io.atoll.daemon.rest.ServedHub.Answer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Files and conversations, over HTTP and by the commands.
class PeerResourceTest {
  private static final String TRANSFERS = "/api/v1/p2p/transfers";
  private static final String CHAT = "/api/v1/p2p/chats/" + MemoryPeers.PEER;

  private CommandLineFixture cli;

  @BeforeEach
  void start() throws Exception {
    cli = new CommandLineFixture();
  }

  @AfterEach
  void stop() {
    cli.close();
  }

  @Test
  void onlyTheOwnersKeyReachesFilesAndConversations() throws Exception {
    cli.served.peers.owner = false;
    assertThat(cli.served.get(TRANSFERS).code()).isEqualTo("DENIED");
    assertThat(cli.served.post(TRANSFERS, "{}").code()).isEqualTo("DENIED");
    assertThat(cli.served.post(TRANSFERS + "/x/accept", "{}").code()).isEqualTo("DENIED");
    assertThat(cli.served.call("DELETE", TRANSFERS + "/x", null).code()).isEqualTo("DENIED");
    assertThat(cli.served.get("/api/v1/p2p/chats").code()).isEqualTo("DENIED");
    assertThat(cli.served.get(CHAT).code()).isEqualTo("DENIED");
    Result listed = cli.run("receive");
    assertThat(listed.status()).isEqualTo(4);
    assertThat(listed.err()).contains("owner", "hint: ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}",
        "{\"file\":\"x\",\"peer\":\"p\"}",
        "{\"file\":\"/x\"}",
        "{\"file\":\"/x\",\"peer\":\"p\",\"more\":1}",
        "{\"file\":\"/x\",\"peer\":\"p\",\"addresses\":\"one\"}",
        "not json"
      })
  void refusesWhatIsNoTransfer(String body) throws Exception {
    Answer answer = cli.served.post(TRANSFERS, body);
    assertThat(answer.code()).isEqualTo("BAD_REQUEST");
    assertThat(answer.json().get("hint").asText()).isNotEmpty();
  }

  @Test
  void offersAreListedTakenAndRefused() throws Exception {
    cli.served.peers.offered("abc", "photo.jpg", 1234);
    cli.served.peers.offered("def", "evil\u001b[2J", 1);
    Result listed = cli.run("receive");
    assertThat(listed.status()).as(listed.err()).isZero();
    assertThat(listed.out()).contains("abc", "photo.jpg", "OFFERED").doesNotContain("\u001b");
    assertThat(Json.mapper().readTree(cli.run("receive", "-o", "json").out())).hasSize(2);
    Result refused = cli.run("receive", "--remove", "def");
    assertThat(refused.out()).isEqualTo("def\n");
    Result taken = cli.run("receive", "abc", "--to", "/srv");
    assertThat(taken.out()).isEqualTo("/srv/photo.jpg\n");
    assertThat(cli.run("receive", "nothing").status()).isEqualTo(3);
    cli.served.peers.offered("ghi", "b", 1);
    assertThat(cli.run("receive", "--all", "--to", "/srv").out()).isEqualTo("/srv/b\n");
  }

  @Test
  void aFileIsSentByItsWholePath() throws Exception {
    Result sent = cli.run("send", "/tmp/../tmp/x", "laptop", "-o", "json");
    assertThat(sent.status()).as(sent.err()).isZero();
    assertThat(Json.mapper().readTree(sent.out()).get("file").asText()).isEqualTo("/tmp/x");
    assertThat(cli.run("receive").out()).doesNotContain("sent");
    assertThat(cli.run("receive", "--sent").out()).contains("sent");
  }

  @Test
  void linesAreSaidAndListed() throws Exception {
    assertThat(cli.run("chat", MemoryPeers.PEER.text(), "-m", "hello").status()).isZero();
    assertThat(cli.run("chat").out()).contains(MemoryPeers.PEER.text(), "hello");
    assertThat(cli.served.get(CHAT + "?after=0&wait=1s").json().get("lines")).hasSize(1);
    assertThat(cli.served.get(CHAT + "?after=1").json().get("lines")).isEmpty();
    assertThat(cli.served.post(CHAT, "{\"text\":\"\"}").code()).isEqualTo("BAD_REQUEST");
  }

  @Test
  void wrongWordsAreUsageErrors() {
    assertThat(cli.run("receive", "--all", "abc").status()).isEqualTo(2);
    assertThat(cli.run("receive", "--remove").status()).isEqualTo(2);
    assertThat(cli.run("chat", "-m", "x").status()).isEqualTo(2);
    assertThat(cli.run("send", "x").status()).isEqualTo(2);
  }
}
