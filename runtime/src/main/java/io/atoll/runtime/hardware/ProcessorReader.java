package io.atoll.runtime.hardware;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Reads `/proc/cpuinfo`, whose words differ from architecture to architecture, and
/// `/sys/devices/system/cpu` where it says too little.
final class ProcessorReader {
  private final Path root;
  private final String arch;
  private final BooleanSupplier takes32Bit;
  private final int threadsOfJvm;

  /// @param arch as Java calls it
  /// @param takes32Bit whether a 64-bit ARM runs 32-bit programs too; asked only there
  /// @param threadsOfJvm how many processors there are where nothing else says so
  ProcessorReader(Path root, String arch, BooleanSupplier takes32Bit, int threadsOfJvm) {
    this.root = root;
    this.arch = arch;
    this.takes32Bit = takes32Bit;
    this.threadsOfJvm = threadsOfJvm;
  }

  /// What `/proc/cpuinfo` says: on x86 each processor has all of it, elsewhere hardly any.
  private static final class Told {
    int threads;

    /// Package and core of those that name both.
    final Set<String> pairs = new HashSet<>();

    int paired;
    private @Nullable String physical;
    private @Nullable String core;
    @Nullable String flags;
    String model = "";

    /// Ends what was said of one processor.
    void next() {
      if (physical != null && core != null) {
        pairs.add(physical + " " + core);
        paired++;
      }
      physical = null;
      core = null;
    }
  }

  Processor read() {
    Told told = told();
    List<Path> online = online();
    int threads = told.threads > 0 ? told.threads : online.size();
    if (threads == 0) {
      threads = threadsOfJvm;
    }
    int cores = told.paired == threads ? told.pairs.size() : siblings(online, threads);
    return new Processor(architecture(), bits(told), cores, threads, told.model);
  }

  private Told told() {
    Told told = new Told();
    KernelText.text(root.resolve("proc/cpuinfo"))
        .lines()
        .forEach(
            line -> {
              int colon = line.indexOf(':');
              if (colon < 0) {
                return;
              }
              String name = line.substring(0, colon).strip();
              String value = line.substring(colon + 1).strip();
              switch (name) {
                // "Processor", with a capital, is the model on old ARM kernels.
                case "processor" -> {
                  told.next();
                  if (KernelText.number(value) != null) {
                    told.threads++;
                  }
                }
                case "physical id" -> told.physical = value;
                case "core id" -> told.core = value;
                case "flags" -> told.flags = value;
                case "model name", "Processor", "cpu" -> {
                  if (told.model.isEmpty()) {
                    told.model = value;
                  }
                }
                default -> {
                  // Nothing of what is asked.
                }
              }
            });
    told.next();
    return told;
  }

  /// Folders of the processors that are online.
  private List<Path> online() {
    return KernelText.entries(root.resolve("sys/devices/system/cpu")).stream()
        .filter(folder -> isProcessor(folder.getFileName().toString()))
        .filter(folder -> !"0".equals(KernelText.word(folder.resolve("online"))))
        .toList();
  }

  private static boolean isProcessor(String name) {
    return name.startsWith("cpu") && KernelText.number(name.substring(3)) != null;
  }

  /// Threads of one core are siblings: there are as many cores as sets of siblings. Its own ids
  /// do not serve on ARM, where they repeat from cluster to cluster.
  private static int siblings(List<Path> online, int threads) {
    Set<String> sets = new HashSet<>();
    for (Path folder : online) {
      String set = KernelText.word(folder.resolve("topology/thread_siblings_list"));
      if (set == null) {
        return threads;
      }
      sets.add(set);
    }
    return online.size() == threads ? sets.size() : threads;
  }

  private String architecture() {
    return switch (arch.toLowerCase(Locale.ROOT)) {
      case "amd64", "x86_64", "x86", "i386", "i486", "i586", "i686" -> "x86";
      case "aarch64", "arm64", "arm" -> "arm";
      case "riscv64", "riscv32" -> "riscv";
      case "ppc64", "ppc64le" -> "power";
      default -> arch;
    };
  }

  private List<Integer> bits(Told told) {
    Set<Integer> bits = new TreeSet<>();
    boolean wide = arch.contains("64") || arch.equals("s390x");
    bits.add(wide ? 64 : 32);
    switch (architecture()) {
      // Whatever has the long mode has the one before it.
      case "x86" -> {
        bits.add(32);
        if (told.flags != null && Set.of(told.flags.split(" ")).contains("lm")) {
          bits.add(64);
        }
      }
      case "arm" -> {
        if (wide && (takes32Bit.getAsBoolean() || mixed())) {
          bits.add(32);
        }
      }
      default -> {
        // One width is all that is known.
      }
    }
    return List.copyOf(bits);
  }

  /// Some of its processors have the narrow mode, and the kernel says which.
  private boolean mixed() {
    return Files.exists(root.resolve("sys/devices/system/cpu/aarch32_el0"));
  }
}
