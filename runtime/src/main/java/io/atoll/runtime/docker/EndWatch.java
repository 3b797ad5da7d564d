package io.atoll.runtime.docker;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.atoll.core.term.Exit;
import io.atoll.runtime.output.OutputRead;
import io.atoll.runtime.output.OutputReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Waits for a container's end through whatever happens to the engine, and says how it ended.
final class EndWatch {
  private static final Logger log = LoggerFactory.getLogger(EndWatch.class);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

  private static final int OOM_LOOKS = 50;

  /// What `docker-init` or our own first program says, as its only words, when there is no such
  /// program, or when its network could not be made.
  private static final Pattern NO_PROGRAM =
      Pattern.compile(
          "\\[FATAL (?:tini|atoll) \\(\\d+\\)\\] (exec .{1,4096} failed: .{1,200}"
              + "|its network interfaces could not be made: .{1,200})\\n",
          Pattern.DOTALL);

  private final Container container;
  private final RunFolder folder;
  private final @Nullable OutputCopy output;
  private final boolean memoryLimited;
  private volatile @Nullable Instant endedAt;

  EndWatch(
      Container container, RunFolder folder, @Nullable OutputCopy output, boolean memoryLimited) {
    this.container = container;
    this.folder = folder;
    this.output = output;
    this.memoryLimited = memoryLimited;
  }

  /// When it ended, as the engine says; null before and where nobody knows.
  @Nullable Instant endedAt() {
    return endedAt;
  }

  /// On return the exit and all output are on the disk.
  Exit await() throws InterruptedException {
    Duration pause = Duration.ofMillis(20);
    boolean answered = true;
    while (true) {
      try {
        if (answered) {
          container.awaitEnd();
        }
        Optional<ContainerState> state = container.inspect();
        answered = true;
        pause = Duration.ofMillis(20);
        if (state.isEmpty()) {
          return ended(Exit.lost("somebody else removed its container"));
        }
        if (state.get().ended()) {
          endedAt = state.get().finished();
          return ended(judge(state.get()));
        }
        if (!state.get().began()) {
          Optional<Exit> verdict = neverBegan(state.get());
          if (verdict.isPresent()) {
            return ended(verdict.get());
          }
        }
        Thread.sleep(pause);
      } catch (EngineException e) {
        if (e.notFound()) {
          answered = false;
          continue; // to the inspection, which finds nothing
        }
        if (output != null) {
          output.engineWasGone();
        }
        log.debug("cannot watch container {}: {}", container.name(), e.said());
        answered = false;
        Thread.sleep(pause);
        pause =
            pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0
                ? pause.multipliedBy(2)
                : LONGEST_PAUSE;
      }
    }
  }

  /// It was asked to start and the answer is lost. Without force, removal refuses a container that
  /// runs; and a start that came in between is in the engine's events.
  Optional<Exit> neverBegan(ContainerState state) throws EngineException, InterruptedException {
    Instant since = Instant.now().minusSeconds(600);
    try {
      container.remove();
    } catch (EngineException e) {
      if (e.conflict()) {
        return Optional.empty();
      }
      throw e;
    }
    if (new Container(container.engine(), state.id()).startedSince(since)) {
      return Optional.of(Exit.lost("it was removed while the engine started it"));
    }
    return Optional.of(
        state.error().isEmpty()
            ? Exit.startFailed("the Docker engine went away before it started the container")
            : StartRefusal.exit(state.error()));
  }

  private Exit ended(Exit exit) throws EngineException, InterruptedException {
    if (output != null && !exit.neverBegan()) {
      try {
        output.finish();
      } catch (EngineException e) {
        if (!e.answered()) {
          throw e;
        }
        log.warn("the output of {} may lack its end: {}", folder.path(), e.said());
      }
    }
    Exit known = named(exit);
    boolean told = false;
    while (true) {
      try {
        folder.writeExit(known);
        return known;
      } catch (IOException e) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        if (!told) {
          log.warn("cannot write the exit of {}; trying on: {}", folder.path(), e.toString());
          told = true;
        }
        Thread.sleep(1000);
      }
    }
  }

  /// With `--init` the engine starts a program that then finds there is nothing to run. Its code
  /// is kept: it says whether another try would end the same.
  private Exit named(Exit exit) {
    if (exit.cause() != Exit.Cause.EXITED || exit.code() < 125 || exit.code() > 127) {
      return exit;
    }
    return onlyWords()
        .map(words -> new Exit(Exit.Cause.START_FAILED, exit.code(), words))
        .orElse(exit);
  }

  private Optional<String> onlyWords() {
    try (var reader = OutputReader.open(folder.path())) {
      if (reader.end() > 8192 || !(reader.read(0, 8192) instanceof OutputRead.Chunks chunks)) {
        return Optional.empty();
      }
      StringBuilder text = new StringBuilder();
      chunks.chunks().forEach(chunk -> text.append(new String(chunk.data(), UTF_8)));
      Matcher matcher = NO_PROGRAM.matcher(text);
      return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private Exit judge(ContainerState first) throws EngineException, InterruptedException {
    int code = first.exitCode();
    if (folder.stopAsked()) {
      return new Exit(Exit.Cause.STOPPED, code, "");
    }
    if (diedWithTheMachine(first)) {
      return Exit.lost("the machine went down under it");
    }
    if (code == 137 && memoryLimited && outOfMemory(first)) {
      return new Exit(Exit.Cause.OUT_OF_MEMORY, code, "it used more memory than its limit");
    }
    if (code == 255 && !first.error().isEmpty()) {
      return Exit.lost("the Docker engine lost it: " + first.error());
    }
    if (code > 128 && code <= 128 + 64) {
      return new Exit(
          Exit.Cause.SIGNALED, code, "signal " + (code - 128) + " ended it, or it exited so");
    }
    return new Exit(Exit.Cause.EXITED, code, code == 0 ? "" : first.error());
  }

  /// The engine hears of the kernel's kill on another channel than of the exit, at times later.
  private boolean outOfMemory(ContainerState first) throws EngineException, InterruptedException {
    boolean killed = first.oomKilled();
    for (int i = 0; i < OOM_LOOKS && !killed; i++) {
      Thread.sleep(20);
      killed = container.inspect().map(ContainerState::oomKilled).orElse(false);
    }
    return killed;
  }

  /// A container that ran when the machine booted has an end that the engine made up.
  private static boolean diedWithTheMachine(ContainerState state) {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/stat"))) {
        if (line.startsWith("btime ")) {
          Instant boot = Instant.ofEpochSecond(Long.parseLong(line.substring(6).strip()));
          return state.started().isBefore(boot.minusSeconds(2)) && state.finished().isAfter(boot);
        }
      }
    } catch (IOException | NumberFormatException e) {
      log.debug("cannot tell when this machine booted", e);
    }
    return false;
  }
}
