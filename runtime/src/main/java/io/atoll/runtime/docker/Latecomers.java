package io.atoll.runtime.docker;

import io.atoll.core.term.RunId;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Removes containers that an engine makes after whoever asked for them is gone: a request to
/// create one goes on in the engine when its sender dies or gives up. Nobody will ever start such
/// a container.
final class Latecomers {
  private static final Logger log = LoggerFactory.getLogger(Latecomers.class);
  private static final Duration LONGEST = Duration.ofMinutes(2);

  /// Runs that this driver prepares or has prepared: their containers are wanted.
  private final Set<RunId> wanted = ConcurrentHashMap.newKeySet();

  private final Set<Thread> threads = ConcurrentHashMap.newKeySet();

  void want(RunId id) {
    wanted.add(id);
  }

  void unwant(RunId id) {
    wanted.remove(id);
  }

  boolean wants(String run) {
    return wanted.stream().anyMatch(id -> id.toString().equals(run));
  }

  /// A container of this run may come up although nobody waits for it. Looks for it for two
  /// minutes, less and less often, on a virtual thread.
  void expect(RunId id, Container container) {
    threads.add(
        Thread.ofVirtual()
            .name("docker-late " + id)
            .start(
                () -> {
                  try {
                    look(id, container);
                  } catch (InterruptedException e) {
                    log.debug("no longer looking for a late container of run {}", id);
                  } finally {
                    threads.remove(Thread.currentThread());
                  }
                }));
  }

  private void look(RunId id, Container container) throws InterruptedException {
    Duration waited = Duration.ZERO;
    Duration pause = Duration.ofMillis(100);
    while (!wanted.contains(id) && waited.compareTo(LONGEST) < 0) {
      try {
        Optional<ContainerState> late = container.inspect();
        if (late.isPresent()) {
          // By the engine's id: a container of the same name that is wanted by then stays.
          if (!late.get().began() && !wanted.contains(id)) {
            new Container(container.engine(), late.get().id()).remove();
          }
          return;
        }
      } catch (EngineException e) {
        log.debug("cannot look for a late container of run {}: {}", id, e.said());
      }
      Thread.sleep(pause);
      waited = waited.plus(pause);
      pause = pause.multipliedBy(3).dividedBy(2);
    }
  }

  void close() throws InterruptedException {
    for (Thread thread : threads) {
      thread.interrupt();
    }
    for (Thread thread : threads) {
      thread.join();
    }
  }
}
