package io.atoll.daemon.hub;

import io.atoll.client.api.CpuView;
import io.atoll.client.api.GpuView;
import io.atoll.client.api.HostView;
import io.atoll.client.api.MachineView;
import io.atoll.client.api.MemView;
import io.atoll.client.api.NodeTask;
import io.atoll.client.api.NodeTasks;
import io.atoll.client.api.NodeUsage;
import io.atoll.client.api.NodeView;
import io.atoll.client.api.OsView;
import io.atoll.client.api.StorageView;
import io.atoll.client.api.UsedView;
import io.atoll.core.term.PlainText;
import io.atoll.core.term.TaskId;
import io.atoll.market.activity.MachineMessage;
import io.atoll.market.activity.MachineMessage.Running;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Decides what of a node's words about its machine callers are shown. Pure; one for each
/// answer. What is a little beyond its bound is brought back to it, and noted; what cannot be
/// any machine's is refused.
final class ReadingJudge {
  /// What cannot be true of any machine; the message says what.
  static final class Implausible extends Exception {
    private static final long serialVersionUID = 1;

    Implausible(String message) {
      super(message);
    }
  }

  private static final int MOST_THREADS = 1 << 16;
  private static final int MOST_GPUS = 64;
  private static final int MOST_TASKS = 4096;
  private static final int MOST_OTHERS = 1_000_000;
  private static final long MOST_BYTES = 1L << 60;
  private static final long LONGEST_UPTIME = 1L << 33;
  private static final double HIGHEST_LOAD = 1e6;
  private static final int LONGEST_TEXT = 200;
  private static final int LONGEST_WORD = 32;
  private static final double GIB = 1L << 30;

  private final List<String> corrections = new ArrayList<>();

  /// What was brought back to its bounds.
  List<String> corrections() {
    return List.copyOf(corrections);
  }

  MachineView machine(NodeView node, Instant now, MachineMessage.Facts told) throws Implausible {
    long memory = bytes("memory", told.memory());
    long disk = bytes("disk", told.disk());
    long memoryFree = atMost("free memory", told.memoryFree(), memory, node.total().memory());
    long diskFree = atMost("free disk", told.diskFree(), disk, node.total().disk());
    List<MachineMessage.Gpu> gpus = told.gpus() == null ? List.of() : told.gpus();
    if (gpus.size() > MOST_GPUS) {
      throw new Implausible("it has " + gpus.size() + " graphics devices");
    }
    List<GpuView> views = new ArrayList<>();
    for (MachineMessage.Gpu gpu : gpus) {
      views.add(gpu(gpu));
    }
    return new MachineView(
        node.id(),
        node.name(),
        now,
        cpu(told.cpu()),
        new MemView(gib(memoryFree), gib(memory)),
        new StorageView(gib(diskFree)),
        new OsView(text("name of the system", told.system(), LONGEST_TEXT)),
        views,
        new HostView(
            text("hostname", told.hostname(), LONGEST_TEXT),
            text("kernel", told.kernel(), LONGEST_TEXT),
            text("processor", told.cpu() == null ? null : told.cpu().model(), LONGEST_TEXT),
            memory,
            atMost("available memory", told.memoryAvailable(), memory, memory),
            disk,
            atMost("available disk", told.diskAvailable(), disk, disk),
            oneOf("kind of disk", told.diskKind(), Set.of("HDD", "SSD"))));
  }

  private CpuView cpu(MachineMessage.@Nullable Cpu told) throws Implausible {
    if (told == null) {
      throw new Implausible("it has no processor");
    }
    if (told.threads() < 1 || told.threads() > MOST_THREADS) {
      throw new Implausible("it has " + told.threads() + " logical processors");
    }
    if (told.cores() < 1 || told.cores() > told.threads()) {
      throw new Implausible(
          "it has " + told.cores() + " cores of " + told.threads() + " logical processors");
    }
    Set<Integer> bits = new TreeSet<>();
    for (Integer width : told.bits() == null ? List.<Integer>of() : told.bits()) {
      if (width == null || (width != 32 && width != 64)) {
        throw new Implausible("its processor is " + width + " bits wide");
      }
      bits.add(width);
    }
    String architecture = text("architecture", told.architecture(), LONGEST_WORD);
    if (bits.isEmpty() || architecture.isBlank()) {
      throw new Implausible("its processor has no architecture or no width");
    }
    return new CpuView(architecture, List.copyOf(bits), told.cores(), told.threads());
  }

  private GpuView gpu(MachineMessage.@Nullable Gpu told) throws Implausible {
    if (told == null) {
      throw new Implausible("it has a graphics device that is none");
    }
    long memory = told.memory();
    return new GpuView(
        text("maker of graphics", told.vendor(), LONGEST_WORD),
        textOrNull("id of graphics", told.vendorId(), LONGEST_WORD),
        textOrNull("id of graphics", told.deviceId(), LONGEST_WORD),
        textOrNull("address of graphics", told.address(), LONGEST_WORD),
        textOrNull("driver of graphics", told.driver(), LONGEST_TEXT),
        textOrNull("model of graphics", told.model(), LONGEST_TEXT),
        memory < 0 ? null : gib(bytes("memory of graphics", memory)),
        told.renders());
  }

  NodeUsage usage(Instant now, MachineMessage.Usage told) throws Implausible {
    if (!Double.isFinite(told.cpu())) {
      throw new Implausible("a share of " + told.cpu() + " of its processors is busy");
    }
    double cpu = Math.clamp(told.cpu(), 0, 1);
    if (cpu != told.cpu()) {
      corrections.add("a share of " + told.cpu() + " of its processors is busy");
    }
    List<Double> load = told.load() == null ? List.of() : told.load();
    if (!load.isEmpty() && load.size() != 3) {
      throw new Implausible("it tells " + load.size() + " means of its load");
    }
    for (Double mean : load) {
      if (mean == null || !(mean >= 0 && mean <= HIGHEST_LOAD)) {
        throw new Implausible("its mean load is " + mean);
      }
    }
    if (told.uptimeSeconds() < -1 || told.uptimeSeconds() > LONGEST_UPTIME) {
      throw new Implausible("it has been up for " + told.uptimeSeconds() + " s");
    }
    long memory = bytes("memory", told.memory());
    long disk = bytes("disk", told.disk());
    long memoryFree = atMost("available memory", told.memoryAvailable(), memory, memory);
    long diskFree = atMost("available disk", told.diskAvailable(), disk, disk);
    return new NodeUsage(
        now,
        cpu,
        load,
        new UsedView(gib(memory - memoryFree), gib(memory)),
        new UsedView(gib(disk - diskFree), gib(disk)),
        told.uptimeSeconds() < 0 ? null : told.uptimeSeconds(),
        oneOf("power", told.power(), Set.of("MAINS", "BATTERY")));
  }

  /// @param names of the hub's tasks
  NodeTasks tasks(Map<TaskId, String> names, MachineMessage.Tasks told) throws Implausible {
    List<Running> running = told.running() == null ? List.of() : told.running();
    if (running.size() > MOST_TASKS) {
      throw new Implausible("it runs " + running.size() + " tasks");
    }
    if (told.others() < 0 || told.others() > MOST_OTHERS) {
      throw new Implausible("it runs " + told.others() + " tasks of others");
    }
    List<NodeTask> tasks = new ArrayList<>();
    for (Running one : running) {
      if (one == null) {
        throw new Implausible("it runs a task that is none");
      }
      tasks.add(
          new NodeTask(
              one.task(),
              names.get(one.task()),
              one.run(),
              text("driver", one.driver(), LONGEST_TEXT),
              one.state().name(),
              one.reserved()));
    }
    return new NodeTasks(tasks, told.others());
  }

  private static long bytes(String what, long told) throws Implausible {
    if (told < 0 || told > MOST_BYTES) {
      throw new Implausible("its " + what + " is " + told + " bytes");
    }
    return told;
  }

  /// @param there what the machine has of it
  /// @param offered what the node offers of it
  private long atMost(String what, long told, long there, long offered) throws Implausible {
    long most = Math.min(there, offered);
    if (told < 0) {
      throw new Implausible("its " + what + " is " + told + " bytes");
    }
    if (told > most) {
      corrections.add("its " + what + " is " + told + " bytes of " + most);
    }
    return Math.min(told, most);
  }

  private String text(String what, @Nullable String told, int longest) {
    if (told == null) {
      return "";
    }
    if (told.length() > longest) {
      corrections.add("its " + what + " is a text of " + told.length() + " characters");
    }
    return PlainText.line(told, longest);
  }

  private @Nullable String textOrNull(String what, @Nullable String told, int longest) {
    return told == null ? null : text(what, told, longest);
  }

  private String oneOf(String what, @Nullable String told, Set<String> words) {
    if (told != null && words.contains(told)) {
      return told;
    }
    if (told != null && !told.equals("UNKNOWN")) {
      corrections.add("its " + what + " is none that there is");
    }
    return "UNKNOWN";
  }

  /// Thousandths are enough, and never more than there is.
  private static double gib(long bytes) {
    return Math.floor(bytes / GIB * 1000) / 1000;
  }
}
