package io.atoll.market.activity;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.Resources;
import io.atoll.core.term.TaskId;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Question and answer about a provider's machine, on a stream that the hub opens: each `Ask`
/// is followed by one answer.
///
/// What a node says of itself is only held together here: numbers may be anything, texts may be
/// missing. Whether it can be true judges who asked.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = MachineMessage.Ask.class, name = "ask"),
  @JsonSubTypes.Type(value = MachineMessage.Facts.class, name = "facts"),
  @JsonSubTypes.Type(value = MachineMessage.Usage.class, name = "usage"),
  @JsonSubTypes.Type(value = MachineMessage.Tasks.class, name = "tasks"),
  @JsonSubTypes.Type(value = MachineMessage.Failed.class, name = "failed")
})
public sealed interface MachineMessage {
  /// A longer frame ends the stream.
  int MAX_FRAME = 1 << 20;

  /// What is asked for, with the answer that it gets.
  enum Part {
    /// `Facts`
    FACTS,
    /// `Usage`
    USAGE,
    /// `Tasks`
    TASKS
  }

  record Ask(Part part) implements MachineMessage {
    public Ask {
      Objects.requireNonNull(part, "part");
    }
  }

  /// What the machine is, and what of it is free for tasks now. Amounts are bytes.
  ///
  /// @param memoryFree not promised to tasks, and there
  /// @param memory installed
  /// @param memoryAvailable what programs can have without swapping, promised or not
  /// @param diskFree not promised to tasks, and there
  /// @param disk of the file system that holds the runs
  /// @param diskAvailable what the provider may still write there, promised or not
  /// @param diskKind HDD, SSD or UNKNOWN
  /// @param system name of the distribution or system
  record Facts(
      @Nullable Cpu cpu,
      long memoryFree,
      long memory,
      long memoryAvailable,
      long diskFree,
      long disk,
      long diskAvailable,
      @Nullable String diskKind,
      @Nullable String system,
      @Nullable String kernel,
      @Nullable String hostname,
      @Nullable List<Gpu> gpus)
      implements MachineMessage {}

  /// @param bits widths of programs that it executes
  record Cpu(
      @Nullable String architecture,
      @Nullable List<Integer> bits,
      int cores,
      int threads,
      @Nullable String model) {}

  /// As `Hardware` of the runtime has it; -1 bytes of memory = not known.
  record Gpu(
      @Nullable String vendor,
      @Nullable String vendorId,
      @Nullable String deviceId,
      @Nullable String address,
      @Nullable String driver,
      @Nullable String model,
      long memory,
      boolean renders) {}

  /// How busy it is.
  ///
  /// @param cpu share of all processors that is busy, 0 to 1
  /// @param load means of 1, 5 and 15 minutes; empty where the system has none
  /// @param uptimeSeconds since the machine's start; -1 = not known
  /// @param power MAINS, BATTERY or UNKNOWN
  record Usage(
      double cpu,
      @Nullable List<Double> load,
      long memory,
      long memoryAvailable,
      long disk,
      long diskAvailable,
      long uptimeSeconds,
      @Nullable String power)
      implements MachineMessage {}

  /// What runs there for the hub that asks.
  ///
  /// @param others how many tasks of others run there
  record Tasks(@Nullable List<Running> running, int others) implements MachineMessage {}

  /// @param reserved what it was promised
  record Running(
      TaskId task, Epoch run, @Nullable String driver, RunState state, Resources reserved) {
    public Running {
      Objects.requireNonNull(task, "task");
      Objects.requireNonNull(run, "run");
      Objects.requireNonNull(state, "state");
      Objects.requireNonNull(reserved, "reserved");
    }
  }

  record Failed(@Nullable String code, @Nullable String message, @Nullable String hint)
      implements MachineMessage {}
}
