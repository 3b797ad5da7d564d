package io.atoll.runtime.docker;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.json.Json;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.ExecOrder;
import io.atoll.runtime.driver.ExecSession;
import io.atoll.runtime.driver.ExecSpec;
import io.atoll.runtime.exec.Sessions;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Commands beside a container, and files into and out of it: made here, begun and kept by a
/// supervisor that owns the engine's connection. The engine gives them the container's user, filter
/// and capabilities.
///
/// Files are packed and unpacked by a program of ours inside the container. The engine's own
/// requests for archives act as root, whoever the container's user is, and do not see what is
/// mounted within it.
final class DockerExec {
  private final Container container;
  private final ContainerProgram program;
  private final @Nullable Path supervisor;
  private final Path run;

  /// @param supervisor null where there is none for this machine
  DockerExec(Container container, @Nullable Path supervisor, Path run) {
    this.container = container;
    this.program = new ContainerProgram(container);
    this.supervisor = supervisor;
    this.run = run;
  }

  ExecSession begin(ExecSpec exec) throws DriverException, InterruptedException {
    URI engine = container.engine().address();
    Path keeper = supervisor;
    if (keeper == null || !"unix".equals(engine.getScheme())) {
      throw new DriverException(
          ErrorCode.DRIVER_UNAVAILABLE,
          "no command can be run beside a container here: that takes Linux and an engine at a unix"
              + " socket, and this one is at "
              + engine,
          "name the engine's socket with --docker-socket");
    }
    try {
      ByteArrayOutputStream spec = Sessions.spec(exec);
      List<String> command = command(exec.order(), keeper);
      Sessions.word(spec, "engine=" + engine.getPath());
      Sessions.word(spec, "exec=" + container.makeExec(request(exec, command)));
      command.forEach(word -> Sessions.word(spec, "arg=" + word));
      return new Sessions(run, keeper).begin(exec.id(), spec);
    } catch (IllegalArgumentException e) {
      throw new DriverException(
          ErrorCode.BAD_REQUEST, String.valueOf(e.getMessage()), "leave it out", e);
    } catch (EngineException e) {
      throw e.toDriver("begin a command beside " + container.name());
    }
  }

  private List<String> command(ExecOrder order, Path keeper)
      throws DriverException, EngineException, InterruptedException {
    return switch (order) {
      case ExecOrder.Command(List<String> words, _, _) -> words;
      case ExecOrder.Pack _, ExecOrder.Unpack _ ->
          List.of(program.put(keeper), "--files", Sessions.files(order).orElseThrow());
    };
  }

  private static ObjectNode request(ExecSpec exec, List<String> command) {
    ObjectNode request = Json.mapper().createObjectNode();
    request.put("AttachStdin", true).put("AttachStdout", true).put("AttachStderr", true);
    request.put("Tty", exec.terminal() != null);
    command.forEach(request.putArray("Cmd")::add);
    var env = request.putArray("Env");
    exec.env().forEach((name, value) -> env.add(name + "=" + value));
    return request;
  }

  Optional<ExecSession> find(String id) {
    Path keeper = supervisor;
    return keeper == null ? Optional.empty() : new Sessions(run, keeper).find(id);
  }
}
