package io.atoll.runtime.plugin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.exec.ExecLine;
import io.atoll.core.exec.TerminalSize;
import io.atoll.core.json.Json;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.Enterable;
import io.atoll.runtime.driver.ExecOrder;
import io.atoll.runtime.driver.ExecSession;
import io.atoll.runtime.driver.ExecSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// A run whose runtime runs commands beside payloads.
final class EnterablePluginActivity extends PluginActivity implements Enterable {
  private static final Duration EXEC = Duration.ofSeconds(30);

  EnterablePluginActivity(PluginDriver driver, ActivitySpec spec, PluginFolder folder) {
    super(driver, spec, folder);
  }

  @Override
  public ExecSession exec(ExecSpec command) throws DriverException, InterruptedException {
    if (state() != State.RUNNING) {
      boolean suspended = state() == State.SUSPENDED;
      throw new DriverException(
          ErrorCode.CONFLICT,
          "run " + id() + (suspended ? " is suspended" : " has ended"),
          suspended ? "resume it first" : "a command needs a payload that runs");
    }
    ObjectNode params = PluginLink.params(id()).put("session", command.id());
    switch (command.order()) {
      case ExecOrder.Command(var words, var env, TerminalSize terminal) -> {
        params.set("command", Json.mapper().valueToTree(words));
        params.set("env", Json.mapper().valueToTree(env));
        if (terminal != null) {
          params
              .putObject("terminal")
              .put("rows", terminal.rows())
              .put("columns", terminal.columns());
        }
      }
      case ExecOrder.Pack(String path) -> files(params, "pack:" + path);
      case ExecOrder.Unpack(String target) -> files(params, "unpack:" + target);
    }
    driver.service().connected(PluginDriver.PATIENCE).link().call("exec", params, EXEC);
    return () -> attach(command.id());
  }

  /// A program of the daemon does it, so that no runtime has to.
  private void files(ObjectNode params, String order) throws DriverException {
    Path packer = driver.settings().packer();
    if (packer == null) {
      throw new DriverException(
          ErrorCode.BAD_REQUEST,
          "files cannot be copied by runtime " + driver.name() + " on this machine",
          "copy them by a command: atoll exec");
    }
    params.put("program", packer.toAbsolutePath().toString());
    params.putArray("command").add("atoll-files").add("--files").add(order);
    params.putObject("env");
  }

  @Override
  public Optional<ExecSession> session(String session) {
    ExecSpec.checkId(session);
    return Optional.of(() -> attach(session));
  }

  private ExecLine attach(String session) throws DriverException {
    return PluginExecLine.join(driver, id(), session);
  }
}
