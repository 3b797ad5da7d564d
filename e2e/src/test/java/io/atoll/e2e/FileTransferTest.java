package io.atoll.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.e2e.CommandLine.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `send`, `receive` and `chat` between two daemons as processes.
@Tag("real")
@Timeout(300)
class FileTransferTest {
  private static final Duration SOON = Duration.ofSeconds(30);

  @TempDir Path temp;
  private FileTransferRound daemons;

  @BeforeEach
  void start() throws Exception {
    long seed = Long.getLong("atoll.fuzz.seed", System.nanoTime());
    System.out.println("seed " + seed);
    daemons = new FileTransferRound(temp, seed);
  }

  @AfterEach
  void stop() {
    daemons.close();
  }

  private Result at(DaemonProcess daemon, String... arguments) throws Exception {
    return CommandLine.ofThisUser(temp)
        .with("ATOLL_DATA_DIR", daemon.dataDir().toString())
        .run(arguments);
  }

  @Test
  void aFileSurvivesKillsOfEitherSide() throws Exception {
    daemons.play(64, 2);
  }

  @Test
  void theCommandsSendAndTakeAFile() throws Exception {
    Path file = daemons.file("some file", 3);
    Path inbox = Files.createDirectories(temp.resolve("in"));
    Process sending =
        CommandLine.ofThisUser(temp)
            .with("ATOLL_DATA_DIR", daemons.sender.dataDir().toString())
            .start("send", file.toString(), daemons.receiverAddress());
    await().atMost(SOON).until(() -> at(daemons.receiver, "receive").out().contains("some file"));
    JsonNode offers = at(daemons.receiver, "receive", "-o", "json").json();
    String id = offers.get(0).get("id").asText();
    Result denied = at(daemons.receiver, "receive", id, "--to", daemons.receiver.dataDir() + "");
    assertThat(denied.status()).isEqualTo(4);
    Result taken = at(daemons.receiver, "receive", id, "--to", inbox.toString());
    assertThat(taken.out()).as(taken.err()).isEqualTo(inbox.resolve("some file") + "\n");
    assertThat(sending.waitFor()).isZero();
    assertThat(Files.mismatch(file, inbox.resolve("some file"))).isEqualTo(-1);
    Result own = at(daemons.sender, "send", daemons.sender.dataDir() + "/identity", "x");
    assertThat(own.status()).isNotZero();
  }

  @Test
  void peersTalkLineByLine() throws Exception {
    Result said = at(daemons.sender, "chat", daemons.receiverAddress(), "-m", "are you there?");
    assertThat(said.status()).as(said.err()).isZero();
    String peer = daemons.sender.bound().get("peerId").asText();
    assertThat(at(daemons.receiver, "chat").out()).contains(peer, "are you there?");
    Process talk =
        CommandLine.ofThisUser(temp)
            .with("ATOLL_DATA_DIR", daemons.receiver.dataDir().toString())
            .start("chat", peer);
    talk.getOutputStream().write("yes\n".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    talk.getOutputStream().flush();
    await().atMost(SOON).until(() -> at(daemons.sender, "chat").out().contains("yes"));
    talk.getOutputStream().close();
    assertThat(talk.waitFor()).isZero();
  }
}
