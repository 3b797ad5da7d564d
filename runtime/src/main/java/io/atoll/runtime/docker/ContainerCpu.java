package io.atoll.runtime.docker;

import io.atoll.runtime.cgroup.ProcessorTime;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a container uses of the processors, read from its control group: the engine takes a second
/// to say it. Where the engine's processes are not on this machine, it stays unknown.
final class ContainerCpu {
  private static final Logger log = LoggerFactory.getLogger(ContainerCpu.class);

  private final Container container;
  private final AtomicBoolean asked = new AtomicBoolean();
  private volatile @Nullable ProcessorTime time;

  ContainerCpu(Container container) {
    this.container = container;
  }

  /// Nanoseconds so far; -1 while it is not known. The first call begins to find out, the engine
  /// is never waited for.
  long nanos() {
    ProcessorTime known = time;
    if (known != null) {
      return known.nanos();
    }
    if (asked.compareAndSet(false, true)) {
      Thread.ofVirtual().name("docker-cpu " + container.name()).start(this::find);
    }
    return -1;
  }

  private void find() {
    try {
      ContainerState state = container.inspect().orElse(null);
      if (state != null && state.pid() > 0) {
        // An engine on another machine names a pid that is somebody else's here.
        time =
            ProcessorTime.of(state.pid())
                .filter(found -> found.file().toString().contains(state.id()))
                .orElse(null);
      }
    } catch (EngineException e) {
      log.debug("the control group of {} is not known: {}", container.name(), e.said());
      asked.set(false);
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts this thread", e);
    }
  }
}
