package io.atoll.client.api;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a person or an app writes to have something run; every field may be absent. Quantities
/// are text as people write them. `io.atoll.client.request.TaskMapping` turns it into a
/// `TaskSpec`.
///
/// @param driver absent: `docker` if an image is given, else `process`
/// @param cpus cores, such as `1.5`
/// @param memory size, such as `512M`
/// @param disk size of writable space
/// @param node peer id or name of the only node it may run on
/// @param ports such as `80`, `80/tcp`, `53/udp`
/// @param restart `never`, `on-failure`, `on-failure:N`, `always`, `always:N`
/// @param faultAttempts runs lost by a node's fault before the task fails
/// @param onDisconnect `keep`, `stop` or `replace`
/// @param timeLimit time span, such as `2h30m`
/// @param grace time span between asking a run to end and ending it
/// @param unsandboxed with limits but no sandbox
/// @param hostname and
/// @param sshKeys public keys of who may log in, and
/// @param userData for cloud-init: of a virtual machine
/// @param networks the private networks that it is to be in
public record TaskRequest(
    @Nullable String name,
    @Nullable String driver,
    @Nullable String image,
    @Nullable List<String> command,
    @Nullable Map<String, String> env,
    @Nullable String cpus,
    @Nullable String memory,
    @Nullable String disk,
    @Nullable Integer priority,
    @Nullable String node,
    @Nullable List<String> ports,
    @Nullable Boolean publishAll,
    @Nullable String restart,
    @Nullable Integer faultAttempts,
    @Nullable String onDisconnect,
    @Nullable String timeLimit,
    @Nullable String grace,
    @Nullable Integer maxProcesses,
    @Nullable Boolean unsandboxed,
    @Nullable String hostname,
    @Nullable List<String> sshKeys,
    @Nullable String userData,
    @Nullable List<TaskNetwork> networks) {

  /// A request for what is in no network.
  public TaskRequest(
      @Nullable String name,
      @Nullable String driver,
      @Nullable String image,
      @Nullable List<String> command,
      @Nullable Map<String, String> env,
      @Nullable String cpus,
      @Nullable String memory,
      @Nullable String disk,
      @Nullable Integer priority,
      @Nullable String node,
      @Nullable List<String> ports,
      @Nullable Boolean publishAll,
      @Nullable String restart,
      @Nullable Integer faultAttempts,
      @Nullable String onDisconnect,
      @Nullable String timeLimit,
      @Nullable String grace,
      @Nullable Integer maxProcesses,
      @Nullable Boolean unsandboxed,
      @Nullable String hostname,
      @Nullable List<String> sshKeys,
      @Nullable String userData) {
    this(
        name,
        driver,
        image,
        command,
        env,
        cpus,
        memory,
        disk,
        priority,
        node,
        ports,
        publishAll,
        restart,
        faultAttempts,
        onDisconnect,
        timeLimit,
        grace,
        maxProcesses,
        unsandboxed,
        hostname,
        sshKeys,
        userData,
        null);
  }

  /// The same in these networks.
  public TaskRequest in(TaskNetwork... wanted) {
    return new TaskRequest(
        name,
        driver,
        image,
        command,
        env,
        cpus,
        memory,
        disk,
        priority,
        node,
        ports,
        publishAll,
        restart,
        faultAttempts,
        onDisconnect,
        timeLimit,
        grace,
        maxProcesses,
        unsandboxed,
        hostname,
        sshKeys,
        userData,
        List.of(wanted));
  }

  /// A request for what is no virtual machine, or one that is nobody in particular.
  public TaskRequest(
      @Nullable String name,
      @Nullable String driver,
      @Nullable String image,
      @Nullable List<String> command,
      @Nullable Map<String, String> env,
      @Nullable String cpus,
      @Nullable String memory,
      @Nullable String disk,
      @Nullable Integer priority,
      @Nullable String node,
      @Nullable List<String> ports,
      @Nullable Boolean publishAll,
      @Nullable String restart,
      @Nullable Integer faultAttempts,
      @Nullable String onDisconnect,
      @Nullable String timeLimit,
      @Nullable String grace,
      @Nullable Integer maxProcesses,
      @Nullable Boolean unsandboxed) {
    this(
        name,
        driver,
        image,
        command,
        env,
        cpus,
        memory,
        disk,
        priority,
        node,
        ports,
        publishAll,
        restart,
        faultAttempts,
        onDisconnect,
        timeLimit,
        grace,
        maxProcesses,
        unsandboxed,
        null,
        null,
        null);
  }
}
