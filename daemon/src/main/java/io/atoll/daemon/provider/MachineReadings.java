package io.atoll.daemon.provider;

import io.atoll.core.term.Resources;
import io.atoll.market.activity.MachineMessage;
import io.atoll.market.activity.MachineMessage.Cpu;
import io.atoll.market.activity.MachineMessage.Facts;
import io.atoll.market.activity.MachineMessage.Usage;
import io.atoll.runtime.hardware.Gpu;
import io.atoll.runtime.hardware.Hardware;
import io.atoll.runtime.hardware.HardwareReader;
import io.atoll.runtime.hardware.Processor;
import io.atoll.runtime.resource.Load;
import io.atoll.runtime.resource.LoadReader;
import io.atoll.runtime.resource.Uptime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Reads this machine for whoever asks. However many ask at once, it is read once for all of
/// them: an answer is not older than `FRESH`.
final class MachineReadings {
  private static final Duration FRESH = Duration.ofMillis(500);

  /// How long processors are watched for what share of them is busy.
  private static final Duration WATCHED = Duration.ofMillis(200);

  private record Read<T>(long at, T what) {}

  private final HardwareReader hardware;
  private final LoadReader loads;
  private final Supplier<Resources> free;
  private final ReentrantLock reading = new ReentrantLock();
  private @Nullable Read<Facts> facts;
  private @Nullable Read<Usage> usage;

  /// @param folder of the runs
  /// @param free what is promised to nobody
  MachineReadings(Path folder, Supplier<Resources> free) {
    this.hardware = HardwareReader.ofThisMachine(folder);
    this.loads = LoadReader.ofThisMachine(folder, () -> -1);
    this.free = free;
  }

  Facts facts() throws IOException, InterruptedException {
    reading.lockInterruptibly();
    try {
      Read<Facts> last = facts;
      if (last == null || old(last)) {
        last = new Read<>(System.nanoTime(), readFacts());
        facts = last;
      }
      return last.what();
    } finally {
      reading.unlock();
    }
  }

  Usage usage() throws IOException, InterruptedException {
    reading.lockInterruptibly();
    try {
      Read<Usage> last = usage;
      if (last == null || old(last)) {
        Usage now = readUsage();
        last = new Read<>(System.nanoTime(), now);
        usage = last;
      }
      return last.what();
    } finally {
      reading.unlock();
    }
  }

  private static boolean old(Read<?> last) {
    return System.nanoTime() - last.at() > FRESH.toNanos();
  }

  private Facts readFacts() throws IOException {
    Hardware machine = hardware.read();
    Load load = loads.read();
    Resources promised = free.get();
    Processor processor = machine.processor();
    long memory = Math.min(load.memoryAvailable(), machine.memoryLeft());
    return new Facts(
        new Cpu(
            processor.architecture(),
            processor.bits(),
            processor.cores(),
            processor.threads(),
            processor.model()),
        Math.min(promised.memory(), memory),
        load.memoryTotal(),
        load.memoryAvailable(),
        Math.min(promised.disk(), load.diskFree()),
        load.diskTotal(),
        load.diskFree(),
        machine.disk().name(),
        machine.system(),
        machine.kernel(),
        machine.hostname(),
        machine.gpus().stream().map(MachineReadings::told).toList());
  }

  private static MachineMessage.Gpu told(Gpu gpu) {
    Long memory = gpu.memory();
    return new MachineMessage.Gpu(
        gpu.vendor(),
        gpu.vendorId(),
        gpu.deviceId(),
        gpu.address(),
        gpu.driver(),
        gpu.model(),
        memory == null ? -1 : memory,
        gpu.renders());
  }

  private Usage readUsage() throws IOException, InterruptedException {
    loads.read(); // what follows is the share since here
    Thread.sleep(WATCHED);
    Load load = loads.read();
    Uptime uptime = Uptime.read(Path.of("/proc"));
    return new Usage(
        load.cpu(),
        uptime.load(),
        load.memoryTotal(),
        load.memoryAvailable(),
        load.diskTotal(),
        load.diskFree(),
        uptime.seconds(),
        load.power().name());
  }
}
