package io.atoll.p2p.transfer;

import io.atoll.core.identity.Identity;
import io.atoll.core.os.FolderRemoval;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.HostConfig;
import io.atoll.p2p.host.P2p;
import io.atoll.p2p.host.Stream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/// 1 GiB as a file against the same bytes on a plain stream, in turns, over loopback, both ends in
/// this process. `main(ROUNDS SEED)`. A transfer counts from acceptance to the verified file; the
/// time of its hash before the offer is printed apart. Once with the files on the disk, where what
/// is there has been forced to it, and once in memory.
final class TransferBench {
  private static final String SINK = "/test/sink/1";
  private static final int MIB = 1024;
  private static final int BLOCK = 1 << 20;

  private TransferBench() {}

  public static void main(String[] arguments) throws Exception {
    int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 5;
    for (Path place : List.of(Path.of(System.getProperty("java.io.tmpdir")), Path.of("/dev/shm"))) {
      if (!Files.isWritable(place)) {
        continue;
      }
      Path folder = Files.createTempDirectory(place, "atoll-transfer-");
      try {
        compare(folder, rounds);
      } finally {
        FolderRemoval.remove(folder);
      }
    }
  }

  private static void compare(Path folder, int rounds) throws Exception {
    List<String> any = List.of("/ip4/127.0.0.1/tcp/0");
    List<Double> plain = new ArrayList<>();
    List<Double> moved = new ArrayList<>();
    List<Double> hashed = new ArrayList<>();
    try (Host alice = P2p.start(HostConfig.of(Identity.generate(), any));
        Host bob = P2p.start(HostConfig.of(Identity.generate(), any));
        Transfers sender = Transfers.open(folder.resolve("a"), alice, TransferLimits.defaults());
        Transfers receiver = Transfers.open(folder.resolve("b"), bob, TransferLimits.defaults())) {
      bob.handle(SINK, TransferBench::sink);
      alice.connect(bob.id(), bob.listening(), Duration.ofSeconds(10));
      Path inbox = Files.createDirectory(folder.resolve("inbox"));
      Path file = file(folder.resolve("file"));
      for (int round = 0; round <= rounds; round++) { // the first warms up
        double stream = stream(alice, bob);
        long began = System.nanoTime();
        String id = sender.send(file, bob.id(), bob.listening()).id();
        await(() -> receiver.list().stream().anyMatch(t -> t.id().equals(id)));
        double hash = rate(began);
        began = System.nanoTime();
        receiver.accept(id, inbox);
        await(() -> sender.get(id).state().ended());
        double transfer = rate(began);
        Transfer end = receiver.get(id);
        if (end.state() != Transfer.State.DONE) {
          throw new IOException("not transferred: " + end.detail());
        }
        Files.delete(inbox.resolve("file"));
        receiver.remove(id);
        sender.remove(id);
        if (round > 0) {
          plain.add(stream);
          moved.add(transfer);
          hashed.add(hash);
        }
      }
    }
    System.out.printf(
        Locale.ROOT,
        "%s: stream %.0f MB/s, file %.0f MB/s = %.2f of it; hash before the offer %.0f MB/s%n",
        folder.getParent(),
        median(plain),
        median(moved),
        median(moved) / median(plain),
        median(hashed));
  }

  private static void sink(Stream stream) throws IOException {
    byte[] buffer = new byte[64 << 10];
    int read;
    do {
      read = stream.in().read(buffer);
    } while (read >= 0);
    stream.out().write(1);
  }

  private static double stream(Host alice, Host bob) throws Exception {
    byte[] block = new byte[64 << 10];
    new Random(1).nextBytes(block);
    long began = System.nanoTime();
    try (Stream stream = alice.open(bob.id(), SINK)) {
      for (long left = (long) MIB * BLOCK; left > 0; left -= block.length) {
        stream.out().write(block);
      }
      stream.out().close();
      if (stream.in().read() != 1) {
        throw new IOException("the stream was lost");
      }
    }
    return rate(began);
  }

  private static Path file(Path path) throws IOException {
    byte[] block = new byte[BLOCK];
    Random random = new Random(2);
    try (OutputStream out = Files.newOutputStream(path)) {
      for (int i = 0; i < MIB; i++) {
        random.nextBytes(block);
        out.write(block);
      }
    }
    return path;
  }

  private static void await(java.util.function.BooleanSupplier condition) throws Exception {
    while (!condition.getAsBoolean()) {
      TimeUnit.MILLISECONDS.sleep(2);
    }
  }

  private static double rate(long beganNanos) {
    return (double) MIB * BLOCK / 1e6 / ((System.nanoTime() - beganNanos) / 1e9);
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }
}
