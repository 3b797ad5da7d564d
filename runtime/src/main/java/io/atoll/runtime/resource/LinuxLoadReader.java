package io.atoll.runtime.resource;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;

/// Reads `/proc/stat`, `/proc/meminfo` and `/sys/class/power_supply` (proc(5), the kernel's
/// Documentation/power/power_supply_class.rst).
final class LinuxLoadReader implements LoadReader {
  /// The kernel counts processor time in hundredths of a second towards user space (USER_HZ).
  private static final long NANOS_PER_TICK = 10_000_000;

  private final Path proc;
  private final Path supplies;
  private final Path disk;
  private final LongSupplier guestCpuNanos;
  private Ticks before;
  private long guestBefore;

  private record Ticks(long busy, long all) {}

  LinuxLoadReader(Path proc, Path supplies, Path disk, LongSupplier guestCpuNanos) {
    this.proc = proc;
    this.supplies = supplies;
    this.disk = disk;
    this.guestCpuNanos = guestCpuNanos;
    this.before = new Ticks(0, 0);
  }

  static boolean works(Path proc) {
    return Files.isReadable(proc.resolve("stat")) && Files.isReadable(proc.resolve("meminfo"));
  }

  @Override
  public Load read() throws IOException {
    Ticks now = ticks();
    long guest = guestCpuNanos.getAsLong();
    long passed = Math.max(1, now.all - before.all);
    double cpu = Math.clamp((double) (now.busy - before.busy) / passed, 0, 1);
    double owner =
        guest < 0 || guestBefore < 0
            ? -1
            : Math.clamp(
                cpu - (double) (guest - guestBefore) / (passed * (double) NANOS_PER_TICK), 0, 1);
    before = now;
    guestBefore = guest;
    long[] memory = memory();
    FileStore store = Files.getFileStore(disk);
    return new Load(
        cpu, owner, memory[0], memory[1], store.getTotalSpace(), store.getUsableSpace(), power());
  }

  /// The first line: user nice system idle iowait irq softirq steal. Waiting for a disk
  /// is idle; what a hypervisor takes away was not there.
  private Ticks ticks() throws IOException {
    try (var lines = Files.lines(proc.resolve("stat"))) {
      String[] words = lines.findFirst().orElse("").trim().split("\\s+");
      if (words.length < 8 || !words[0].equals("cpu")) {
        throw new IOException(proc.resolve("stat") + " does not begin with the sum of all cpus");
      }
      long idle = Long.parseLong(words[4]) + Long.parseLong(words[5]);
      long busy =
          Long.parseLong(words[1])
              + Long.parseLong(words[2])
              + Long.parseLong(words[3])
              + Long.parseLong(words[6])
              + Long.parseLong(words[7]);
      return new Ticks(busy, busy + idle);
    } catch (NumberFormatException e) {
      throw new IOException(proc.resolve("stat") + " cannot be read: " + e.getMessage(), e);
    }
  }

  /// Total and available, in bytes.
  private long[] memory() throws IOException {
    long total = -1;
    long available = -1;
    for (String line : Files.readAllLines(proc.resolve("meminfo"))) {
      if (line.startsWith("MemTotal:")) {
        total = kibibytes(line);
      } else if (line.startsWith("MemAvailable:")) {
        available = kibibytes(line);
      }
    }
    if (total < 0 || available < 0) {
      throw new IOException(proc.resolve("meminfo") + " lacks MemTotal or MemAvailable");
    }
    return new long[] {total, available};
  }

  private static long kibibytes(String line) {
    return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
  }

  private Load.Power power() throws IOException {
    boolean battery = false;
    try (DirectoryStream<Path> all = Files.newDirectoryStream(supplies)) {
      for (Path supply : all) {
        switch (word(supply.resolve("type"))) {
          case "mains", "usb" -> {
            if (word(supply.resolve("online")).equals("1")) {
              return Load.Power.MAINS;
            }
          }
          case "battery" -> battery |= word(supply.resolve("status")).equals("discharging");
          default -> {}
        }
      }
    } catch (NoSuchFileException | DirectoryIteratorException none) {
      return Load.Power.UNKNOWN;
    }
    return battery ? Load.Power.BATTERY : Load.Power.UNKNOWN;
  }

  private static String word(Path file) {
    try {
      List<String> lines = Files.readAllLines(file);
      return lines.isEmpty() ? "" : lines.getFirst().strip().toLowerCase(Locale.ROOT);
    } catch (IOException e) {
      return ""; // a supply that is just being unplugged
    }
  }
}
