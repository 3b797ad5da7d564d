package io.atoll.e2e;

import io.atoll.runtime.docker.DockerEngine;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/// What the engine's own stream of events says of containers that began, and what it still has.
/// Nothing here asks Atoll.
final class ContainerWitness implements AutoCloseable {
  private final DockerEngine engine;
  private final Process events;
  private final Map<String, Integer> starts = new ConcurrentHashMap<>();

  ContainerWitness(DockerEngine engine) throws IOException {
    this.engine = engine;
    this.events =
        new ProcessBuilder(
                engine.client(
                    "events",
                    "--filter",
                    "event=start",
                    "--format",
                    "{{index .Actor.Attributes \"io.atoll.run\"}}"))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    Thread.ofVirtual().start(this::read);
  }

  private void read() {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(events.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        starts.merge(line.strip(), 1, Integer::sum);
      }
    } catch (IOException e) {
      // ended with the test
    }
  }

  /// Starts of a task, by run.
  TreeMap<String, Integer> starts(String task) {
    TreeMap<String, Integer> found = new TreeMap<>();
    starts.forEach(
        (run, times) -> {
          if (run.startsWith(task + ".")) {
            found.put(run, times);
          }
        });
    return found;
  }

  /// Containers of these tasks, in whatever state.
  List<String> leftovers(Collection<String> tasks) throws IOException {
    return leftovers(engine, tasks);
  }

  static List<String> leftovers(DockerEngine engine, Collection<String> tasks) throws IOException {
    return engine
        .docker("ps", "-a", "--format", "{{.Label \"io.atoll.run\"}} {{.Names}} {{.Status}}")
        .lines()
        .filter(line -> tasks.stream().anyMatch(line::contains))
        .map(line -> "container " + line)
        .toList();
  }

  @Override
  public void close() {
    events.destroy();
  }
}
