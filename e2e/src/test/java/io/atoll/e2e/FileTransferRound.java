package io.atoll.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.atoll.client.HubClient;
import io.atoll.client.HubLocation;
import io.atoll.client.PeerClient;
import io.atoll.client.api.TransferRequest;
import io.atoll.client.api.TransferTarget;
import io.atoll.client.api.TransferView;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/// Two daemons as processes, a file from one to the other, and kill -9 of either in the middle.
final class FileTransferRound implements AutoCloseable {
  private static final Duration LONG = Duration.ofMinutes(5);
  private static final int BLOCK = 1 << 20;

  final DaemonProcess sender;
  final DaemonProcess receiver;
  private final Path folder;
  private final Random random;

  FileTransferRound(Path folder, long seed) throws IOException {
    this.folder = folder;
    this.random = new Random(seed);
    this.sender = daemon("sender");
    this.receiver = daemon("receiver");
    sender.start();
    receiver.start();
  }

  private DaemonProcess daemon(String name) throws IOException {
    // The same port at its next start: the sender dials where it dialled.
    String listen = "/ip4/127.0.0.1/tcp/" + Pool.freePort();
    return new DaemonProcess(
        folder.resolve(name), List.of("--hub", "--api", "127.0.0.1:0", "--listen", listen));
  }

  static PeerClient client(DaemonProcess daemon) {
    return new HubClient(
            () -> {
              try {
                return new HubLocation(URI.create(daemon.api()), daemon.key(), "test");
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            })
        .peers();
  }

  String receiverAddress() {
    return receiver.bound().get("listen").get(0).asText();
  }

  Path file(String name, int mib) throws IOException {
    Path file = folder.resolve(name);
    byte[] block = new byte[BLOCK];
    try (OutputStream out = Files.newOutputStream(file)) {
      for (int i = 0; i < mib; i++) {
        random.nextBytes(block);
        out.write(block);
      }
    }
    return file;
  }

  /// Sends a file and kills receiver and sender in turns, each time a piece further on.
  void play(int mib, int kills) throws Exception {
    Path file = file("file-" + mib, mib);
    Path inbox = Files.createDirectories(folder.resolve("inbox"));
    PeerClient from = client(sender);
    PeerClient to = client(receiver);
    String id = from.send(new TransferRequest(file.toString(), receiverAddress(), List.of())).id();
    await().atMost(LONG).until(() -> to.transfers().stream().anyMatch(t -> t.id().equals(id)));
    assertThat(inbox).isEmptyDirectory();
    to.accept(id, new TransferTarget(inbox.toString()));
    Path partial = inbox.resolve(".atoll-" + id + ".part");
    long size = (long) mib * BLOCK;
    long piece = size / (kills + 1);
    for (int i = 0; i < kills; i++) {
      long point = i * piece + piece / 4 + random.nextLong(piece / 2);
      boolean ofReceiver = i % 2 == 0;
      DaemonProcess victim = ofReceiver ? receiver : sender;
      DaemonProcess other = ofReceiver ? sender : receiver;
      reach(partial, point);
      victim.kill9();
      long there = Files.size(partial);
      assertThat(there).as("killed in the middle").isGreaterThanOrEqualTo(point).isLessThan(size);
      assertThat(inbox.resolve(file.getFileName())).doesNotExist();
      System.out.printf(
          Locale.ROOT,
          "killed the %s at %d of %d MiB%n",
          ofReceiver ? "receiver" : "sender",
          there / BLOCK,
          mib);
      other.freeze(); // else the rest is through before anybody looks again
      victim.start();
      if (ofReceiver) {
        assertThat(to.transfer(id).done()).isGreaterThanOrEqualTo(point);
      }
      other.thaw();
    }
    await().atMost(LONG).until(() -> to.transfer(id).hasEnded());
    TransferView there = to.transfer(id);
    assertThat(there.state()).as(there.detail()).isEqualTo("DONE");
    await().atMost(LONG).until(() -> from.transfer(id).hasEnded());
    assertThat(from.transfer(id).state()).isEqualTo("DONE");
    assertThat(Files.mismatch(file, Path.of(String.valueOf(there.file())))).isEqualTo(-1);
    assertThat(partial).doesNotExist();
    Files.delete(file);
    Files.delete(Path.of(String.valueOf(there.file())));
  }

  private static void reach(Path partial, long point) throws Exception {
    long deadline = System.nanoTime() + LONG.toNanos();
    while (!Files.exists(partial) || Files.size(partial) < point) {
      assertThat(System.nanoTime()).as("reached in time").isLessThan(deadline);
      Thread.sleep(1);
    }
  }

  @Override
  public void close() {
    sender.close();
    receiver.close();
  }
}
