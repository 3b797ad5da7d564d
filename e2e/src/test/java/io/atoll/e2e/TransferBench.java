package io.atoll.e2e;

import io.atoll.client.HubClient;
import io.atoll.client.HubLocation;
import io.atoll.client.api.BenchRequest;
import io.atoll.client.api.TransferRequest;
import io.atoll.client.api.TransferTarget;
import io.atoll.client.api.TransferView;
import io.atoll.core.os.FolderRemoval;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.BooleanSupplier;

/// 1 GiB between two daemons, each a process as the launcher starts it: over `/perf/1.0.0` and as a
/// file, in turns, on loopback: over QUIC, which two daemons take when nothing else is said, and
/// over TCP. `main(ROUNDS SEED [PLACE])`. A file counts from its acceptance until the receiver has
/// verified, forced and named it; the time of its hash before the offer is told apart. Once with
/// files on the disk, where the same bytes are also written and forced by nobody but this process,
/// to know what the disk gives; once with files in memory.
final class TransferBench {
  private record Transport(String name, String listen) {}

  private static final List<Transport> TRANSPORTS =
      List.of(
          new Transport("quic", "/ip4/127.0.0.1/udp/0/quic-v1"),
          new Transport("tcp", "/ip4/127.0.0.1/tcp/0"));

  private static final int MIB = 1024;
  private static final int BLOCK = 1 << 20;
  private static final long SIZE = (long) MIB * BLOCK;

  /// Seldom, as an answer takes the time of the two cores; the daemon notes when a file is through.
  private static final long POLL_MILLIS = 100;

  private final DaemonProcess sender;
  private final DaemonProcess receiver;
  private final HubClient from;
  private final HubClient to;
  private final Path file;
  private final Path inbox;
  private final Samples perf = new Samples("perf");
  private final Samples moved = new Samples("file");
  private final Samples hashed = new Samples("hash before the offer");
  private final Samples written = new Samples("the disk alone");

  /// Rates in MB/s, and the processor time of both daemons together, in ns a byte.
  private record Samples(String name, List<Double> rates, List<Double> costs) {
    Samples(String name) {
      this(name, new ArrayList<>(), new ArrayList<>());
    }

    double rate() {
      return median(rates);
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT, "%s %.0f MB/s (%.2f ns a byte)", name, rate(), median(costs));
    }

    private static double median(List<Double> values) {
      return values.stream().sorted().toList().get(values.size() / 2);
    }
  }

  private TransferBench(Path folder, String listen, long seed) throws IOException {
    sender = daemon(folder.resolve("sender"), listen);
    receiver = daemon(folder.resolve("receiver"), listen);
    from = client(sender);
    to = client(receiver);
    inbox = Files.createDirectory(folder.resolve("inbox"));
    file = folder.resolve("file");
    byte[] block = new byte[BLOCK];
    Random random = new Random(seed);
    try (var out = Files.newOutputStream(file)) {
      for (int i = 0; i < MIB; i++) {
        random.nextBytes(block);
        out.write(block);
      }
    }
  }

  public static void main(String[] arguments) throws Exception {
    int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 7;
    long seed = arguments.length > 1 ? Long.parseLong(arguments[1]) : System.nanoTime();
    List<Path> places =
        arguments.length > 2
            ? List.of(Path.of(arguments[2]))
            : List.of(Path.of("/dev/shm"), Path.of(System.getProperty("java.io.tmpdir")));
    for (Path place : places) {
      if (!Files.isWritable(place)) {
        continue;
      }
      for (Transport transport : TRANSPORTS) {
        Path folder = Files.createTempDirectory(place, "atoll-transfer-");
        try {
          compare(place, folder, transport, rounds, seed);
        } finally {
          FolderRemoval.remove(folder);
        }
      }
    }
  }

  private static void compare(Path place, Path folder, Transport transport, int rounds, long seed)
      throws Exception {
    double load = load();
    TransferBench bench = new TransferBench(folder, transport.listen(), seed);
    try {
      for (int round = 0; round <= rounds; round++) { // the first warms up
        bench.round(round > 0);
      }
    } finally {
      bench.sender.close();
      bench.receiver.close();
    }
    double perf = bench.perf.rate();
    double moved = bench.moved.rate();
    double disk = bench.written.rate();
    System.out.printf(
        Locale.ROOT,
        "%s, %s: %s; %s = %.2f of perf, %.2f of the lesser of perf and disk; %s; %s; n = %d, load"
            + " %.1f to %.1f%n",
        place,
        transport.name(),
        bench.perf,
        bench.moved,
        moved / perf,
        moved / Math.min(perf, disk),
        bench.hashed,
        bench.written,
        rounds,
        load,
        load());
  }

  /// As the launcher starts it: its garbage collector and its small heap are part of the price.
  private static DaemonProcess daemon(Path folder, String listen) throws IOException {
    DaemonProcess daemon =
        new DaemonProcess(
            folder, List.of("--hub", "--api", "127.0.0.1:0", "--listen", listen, "--p2p-bench"));
    return daemon.start(
        "-XX:+UseCompactObjectHeaders",
        "-Xms16m",
        "-XX:MinHeapFreeRatio=10",
        "-XX:MaxHeapFreeRatio=30",
        "-XX:ReservedCodeCacheSize=48m");
  }

  private static HubClient client(DaemonProcess daemon) {
    return new HubClient(
        () -> {
          try {
            return new HubLocation(URI.create(daemon.api()), daemon.key(), "bench");
          } catch (IOException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  private String receiverAddress() {
    return receiver.bound().get("listen").get(0).asText();
  }

  private void round(boolean counts) throws Exception {
    String peer = receiver.bound().get("peerId").asText();
    long before = processorNanos();
    double millis =
        from.network()
            .bench(peer, new BenchRequest("1Gi", "0", List.of(receiverAddress())))
            .uploadMillis();
    note(counts, perf, millis * 1e6, before);

    before = processorNanos();
    Instant offered = Instant.now();
    String id =
        from.peers().send(new TransferRequest(file.toString(), receiverAddress(), List.of())).id();
    await(() -> to.peers().transfers().stream().anyMatch(t -> t.id().equals(id)));
    Instant arrived = to.peers().transfer(id).createdAt();
    note(counts, hashed, Duration.between(offered, arrived).toNanos(), before);

    before = processorNanos();
    Instant accepted = Instant.now();
    to.peers().accept(id, new TransferTarget(inbox.toString()));
    await(() -> to.peers().transfer(id).hasEnded());
    TransferView end = to.peers().transfer(id);
    note(counts, moved, Duration.between(accepted, end.changedAt()).toNanos(), before);
    if (!end.state().equals("DONE")) {
      throw new IOException("not transferred: " + end.detail());
    }
    await(() -> from.peers().transfer(id).hasEnded());
    Path there = inbox.resolve(file.getFileName());
    if (!counts && Files.mismatch(file, there) >= 0) {
      throw new IOException("what arrived is another file");
    }
    Files.delete(there);
    to.peers().removeTransfer(id);
    from.peers().removeTransfer(id);

    before = processorNanos();
    note(counts, written, write(inbox.resolve("written")), before);
  }

  /// What it takes to write as much and force it, from memory.
  private static double write(Path path) throws IOException {
    ByteBuffer block = ByteBuffer.allocateDirect(BLOCK);
    long began = System.nanoTime();
    try (FileChannel out =
        FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      for (int i = 0; i < MIB; i++) {
        out.write(block.clear());
      }
      out.force(false);
    }
    double nanos = System.nanoTime() - began;
    Files.delete(path);
    return nanos;
  }

  private void note(boolean counts, Samples into, double nanos, long processorBefore) {
    double rate = SIZE * 1e3 / nanos;
    double cost = (processorNanos() - processorBefore) / (double) SIZE;
    System.out.printf(
        Locale.ROOT, "  %s%s %.0f MB/s, %.2f ns%n", counts ? "" : "(", into.name(), rate, cost);
    if (counts) {
      into.rates().add(rate);
      into.costs().add(cost);
    }
  }

  private long processorNanos() {
    long nanos = 0;
    for (DaemonProcess daemon : List.of(sender, receiver)) {
      nanos +=
          ProcessHandle.of(daemon.pid())
              .flatMap(process -> process.info().totalCpuDuration())
              .orElse(Duration.ZERO)
              .toNanos();
    }
    return nanos;
  }

  private static double load() {
    return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    while (!condition.getAsBoolean()) {
      Thread.sleep(POLL_MILLIS);
    }
  }
}
