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
    switch (command.order()) {
      case ExecOrder.Command _ -> {}
      case ExecOrder.Pack _, ExecOrder.Unpack _ ->
          throw new DriverException(
              ErrorCode.DRIVER_UNAVAILABLE,
              "the runtime of run " + id() + " copies no files",
              "pass a tar through a command: atoll exec -i TASK -- tar x");
    }
    ObjectNode params = PluginLink.params(id()).put("session", command.id());
    params.set("command", Json.mapper().valueToTree(command.command()));
    params.set("env", Json.mapper().valueToTree(command.env()));
    TerminalSize terminal = command.terminal();
    if (terminal != null) {
      params.putObject("terminal").put("rows", terminal.rows()).put("columns", terminal.columns());
    }
    driver.service().connected(PluginDriver.PATIENCE).link().call("exec", params, EXEC);
    return () -> attach(command.id());
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
