package io.atoll.runtime.docker;

import com.github.dockerjava.transport.DockerHttpClient.Response;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.Endpoint;
import io.atoll.core.term.Exit;
import io.atoll.core.term.RunId;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.Prepared;
import io.atoll.runtime.output.OutputWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A container that is made and attached to, and not started.
final class DockerPrepared implements Prepared {
  private static final Logger log = LoggerFactory.getLogger(DockerPrepared.class);

  private final ActivitySpec spec;
  private final RunFolder folder;
  private final Container container;
  private final Image image;
  private final OutputWriter writer;
  private final Response attached;
  private final String endpointHost;
  private final @Nullable Path supervisor;
  private final @Nullable ContainerCards cards;
  private final Map<RunId, DockerActivity> activities;
  private final Latecomers latecomers;
  private boolean over;

  DockerPrepared(
      ActivitySpec spec,
      RunFolder folder,
      Container container,
      Image image,
      OutputWriter writer,
      Response attached,
      String endpointHost,
      @Nullable Path supervisor,
      @Nullable ContainerCards cards,
      Map<RunId, DockerActivity> activities,
      Latecomers latecomers) {
    this.spec = spec;
    this.folder = folder;
    this.container = container;
    this.image = image;
    this.writer = writer;
    this.attached = attached;
    this.endpointHost = endpointHost;
    this.supervisor = supervisor;
    this.cards = cards;
    this.activities = activities;
    this.latecomers = latecomers;
  }

  @Override
  public synchronized Activity start() throws DriverException, InterruptedException {
    if (over) {
      throw new IllegalStateException("run " + spec.id() + " was started or closed already");
    }
    over = true;
    String tried = "start the container of run " + spec.id();
    try {
      folder.markStarting();
      container.start();
    } catch (EngineException e) {
      if (e.answered() && !began(tried)) {
        Exit why = StartRefusal.exit(e.said());
        undo(why);
        throw new DriverException(
            why.code() == 125 ? ErrorCode.START_FAILED : ErrorCode.NOT_FOUND,
            "could not " + tried + ": " + e.said(),
            hint(why.code()),
            e);
      }
      // It began, or nobody knows: the watch finds out once the engine answers again.
    } catch (IOException e) {
      undo(Exit.startFailed("the disk took no note of it"));
      throw new DriverException(
          ErrorCode.DISK_FULL,
          "could not write to " + folder.path() + " for run " + spec.id(),
          "free space on that disk",
          e);
    } catch (InterruptedException e) {
      undo(Exit.lost("the start was called off"));
      throw e;
    }
    DockerActivity activity =
        new DockerActivity(
            spec.id(),
            folder,
            container,
            new OutputCopy(container.engine(), container.name(), writer),
            spec.workload().resources().memory() > 0,
            image.stopSignal(),
            false,
            List.of(),
            supervisor,
            cards,
            () -> {
              activities.remove(spec.id());
              latecomers.unwant(spec.id());
            });
    activities.put(spec.id(), activity);
    activity.watch(attached);
    if (!ContainerRequest.published(spec.workload(), image).isEmpty()) {
      activity.published(endpoints());
    }
    return activity;
  }

  private List<Endpoint> endpoints() throws InterruptedException {
    try {
      return container.inspect().map(state -> state.endpoints(endpointHost)).orElse(List.of());
    } catch (EngineException e) {
      log.warn("cannot tell where the ports of run {} are: {}", spec.id(), e.said());
      return List.of();
    }
  }

  private boolean began(String tried) throws DriverException, InterruptedException {
    try {
      Optional<ContainerState> state = container.inspect();
      return state.isPresent() && state.get().began();
    } catch (EngineException e) {
      throw e.toDriver(tried);
    }
  }

  private static String hint(int code) {
    return switch (code) {
      case 127 -> "check the command; the program must be in the image";
      case 126 -> "the program in the image is not executable";
      default -> "the engine's own log has more (journalctl -u docker)";
    };
  }

  @Override
  public synchronized void close() {
    if (!over) {
      over = true;
      undo(Exit.startFailed("it was not started"));
    }
  }

  /// Leaves nothing where it can; otherwise an exit, so that recovery does not take it for a run
  /// whose end is not known.
  private void undo(Exit why) {
    boolean interrupted = Thread.interrupted();
    latecomers.unwant(spec.id());
    try {
      attached.close();
      writer.close();
      folder.writeExit(why);
      container.removeByForce();
      folder.delete();
    } catch (EngineException e) {
      log.warn("container {} is left for recovery: {}", container.name(), e.said());
    } catch (IOException e) {
      log.warn("folder {} is left for recovery", folder.path(), e);
    } catch (InterruptedException e) {
      interrupted = true;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
