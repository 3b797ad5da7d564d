package io.atoll.runtime.docker;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.dockerjava.transport.DockerHttpClient.Response;
import io.atoll.core.json.Json;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import java.util.OptionalLong;

/// The requests about one container, named by the engine's id or by ours.
record Container(Engine engine, String name) {

  Optional<ContainerState> inspect() throws EngineException, InterruptedException {
    return inspect(Engine.SHORT);
  }

  Optional<ContainerState> inspect(Duration patience) throws EngineException, InterruptedException {
    try {
      return Optional.of(ContainerState.of(engine.get("/containers/" + name + "/json", patience)));
    } catch (EngineException e) {
      if (e.notFound()) {
        return Optional.empty();
      }
      throw e;
    }
  }

  void start() throws EngineException, InterruptedException {
    var _ = engine.post("/containers/" + name + "/start", null, Engine.LONG);
  }

  /// Returns once it does not run (any more), or fails when the engine goes away.
  void awaitEnd() throws EngineException, InterruptedException {
    awaitEnd(Duration.ofDays(10_000));
  }

  /// The same, and fails when it still runs after `limit`.
  void awaitEnd(Duration limit) throws EngineException, InterruptedException {
    var _ = engine.post("/containers/" + name + "/wait?condition=not-running", null, limit);
  }

  /// No effect where it has ended or is gone.
  void signal(String signal) throws EngineException, InterruptedException {
    unlessEnded("/kill?signal=" + signal);
  }

  /// No effect where it has ended, is gone, or is paused.
  void pause() throws EngineException, InterruptedException {
    unlessEnded("/pause");
  }

  /// No effect where it has ended, is gone, or is not paused.
  void unpause() throws EngineException, InterruptedException {
    unlessEnded("/unpause");
  }

  private void unlessEnded(String verb) throws EngineException, InterruptedException {
    try {
      var _ = engine.post("/containers/" + name + verb, null, Engine.SHORT);
    } catch (EngineException e) {
      if (e.notFound() || e.conflict()) {
        return;
      }
      // Engines also answer 500 for what is no longer, or already, so.
      ContainerState now = inspect().orElse(null);
      boolean moot =
          now == null
              || !now.alive()
              || (verb.equals("/pause") && now.paused())
              || (verb.equals("/unpause") && !now.paused());
      if (!moot) {
        throw e;
      }
    }
  }

  /// Figures as they are now, without the second that engines wait to compare two of them.
  JsonNode statistics() throws EngineException, InterruptedException {
    return engine.get("/containers/" + name + "/stats?stream=false&one-shot=true", Engine.SHORT);
  }

  /// Prepares a command beside its payload.
  ///
  /// @return the engine's id of it
  String makeExec(JsonNode request) throws EngineException, InterruptedException {
    return engine.post("/containers/" + name + "/exec", request, Engine.SHORT).path("Id").asText();
  }

  /// The size of a file in it; empty if there is none.
  OptionalLong size(String path) throws EngineException, InterruptedException {
    try (Response found =
        engine.openWithin(Engine.SHORT, "GET", "/containers/" + name + "/archive?path=" + path)) {
      String stat = found.getHeader("X-Docker-Container-Path-Stat");
      return stat == null
          ? OptionalLong.empty()
          : OptionalLong.of(
              Json.mapper().readTree(Base64.getDecoder().decode(stat)).path("size").asLong(-1));
    } catch (IOException | IllegalArgumentException e) {
      return OptionalLong.empty();
    } catch (EngineException e) {
      if (e.notFound()) {
        return OptionalLong.empty();
      }
      throw e;
    }
  }

  /// Unpacks a tar at its root, as root.
  void unpack(byte[] tar) throws EngineException, InterruptedException {
    engine.putBytes("/containers/" + name + "/archive?path=/", tar, Engine.LONG);
  }

  /// Bytes in its writable layer: the engine walks it, which takes a moment where there is much.
  long layerBytes() throws EngineException, InterruptedException {
    return engine
        .get("/containers/" + name + "/json?size=true", Engine.SHORT)
        .path("SizeRw")
        .asLong(-1);
  }

  /// Removes it with its anonymous volumes, and ends it first. No effect where it is gone.
  void removeByForce() throws EngineException, InterruptedException {
    remove("?v=true&force=true");
  }

  /// Removes it with its anonymous volumes; 409 where it runs. No effect where it is gone.
  void remove() throws EngineException, InterruptedException {
    remove("?v=true");
  }

  private void remove(String how) throws EngineException, InterruptedException {
    try {
      engine.delete("/containers/" + name + how, Engine.LONG);
    } catch (EngineException e) {
      boolean underWay = e.conflict() && e.said().contains("already in progress");
      if (!e.notFound() && !underWay) {
        throw e;
      }
    }
  }

  /// Whether the engine's memory of events has a start of this container since `since`; used where
  /// the container is gone.
  boolean startedSince(Instant since) throws EngineException, InterruptedException {
    String filter =
        "%7B%22container%22%3A%5B%22" + name + "%22%5D%2C%22event%22%3A%5B%22start%22%5D%7D";
    JsonNode first =
        engine.get(
            "/events?since="
                + since.getEpochSecond()
                + "&until="
                + Instant.now().getEpochSecond()
                + "&filters="
                + filter,
            Engine.SHORT);
    return first.isObject();
  }
}
