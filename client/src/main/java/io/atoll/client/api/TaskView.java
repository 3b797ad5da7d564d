package io.atoll.client.api;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Endpoint;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.Port;
import io.atoll.core.term.TaskId;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A task as the hub shows it.
///
/// @param exitCode code of the last run; null until the task has ended, whatever runs came before
/// @param exitDetail why, where the code does not say it all; null with it
/// @param node where its current or last run is
/// @param nodeName what people call that node
/// @param nodeState ONLINE, SUSPECT or LOST; null without a node
/// @param epoch of its current or last run
/// @param detail what it is doing now, or why it waits
/// @param waiting why no node takes it; null unless QUEUED and looked at
/// @param events newest last; only when one task is asked for
/// @param deep it is SUSPENDED and has given its memory back
/// @param networks where it is found in its private networks; null from an earlier hub
/// @param proxied those of its published ports that are reached at the hub, since nobody
///     from outside reaches its node; null from an earlier hub
public record TaskView(
    TaskId id,
    @Nullable String name,
    TaskState state,
    String driver,
    @Nullable Integer exitCode,
    @Nullable String exitDetail,
    @Nullable PeerId node,
    @Nullable String nodeName,
    @Nullable String nodeState,
    @Nullable Epoch epoch,
    List<Endpoint> endpoints,
    String detail,
    @Nullable Waiting waiting,
    TaskSpec spec,
    Instant createdAt,
    @Nullable Instant startedAt,
    @Nullable Instant endedAt,
    List<EventView> events,
    boolean deep,
    @Nullable List<TaskAddress> networks,
    @Nullable List<Port> proxied) {

  /// One in no network.
  public TaskView(
      TaskId id,
      @Nullable String name,
      TaskState state,
      String driver,
      @Nullable Integer exitCode,
      @Nullable String exitDetail,
      @Nullable PeerId node,
      @Nullable String nodeName,
      @Nullable String nodeState,
      @Nullable Epoch epoch,
      List<Endpoint> endpoints,
      String detail,
      @Nullable Waiting waiting,
      TaskSpec spec,
      Instant createdAt,
      @Nullable Instant startedAt,
      @Nullable Instant endedAt,
      List<EventView> events,
      boolean deep) {
    this(
        id,
        name,
        state,
        driver,
        exitCode,
        exitDetail,
        node,
        nodeName,
        nodeState,
        epoch,
        endpoints,
        detail,
        waiting,
        spec,
        createdAt,
        startedAt,
        endedAt,
        events,
        deep,
        List.of(),
        List.of());
  }

  /// Where it is found; empty if it is in no network.
  public List<TaskAddress> addresses() {
    return networks == null ? List.of() : networks;
  }

  /// Whether a published port is reached at the hub.
  public boolean isProxied(Port port) {
    return proxied != null && proxied.contains(port);
  }

  /// With its published ports where they are reached.
  ///
  /// @param atHub those that are reached at the hub
  public TaskView reachedAt(List<Endpoint> newEndpoints, List<Port> atHub) {
    return new TaskView(
        id,
        name,
        state,
        driver,
        exitCode,
        exitDetail,
        node,
        nodeName,
        nodeState,
        epoch,
        newEndpoints,
        detail,
        waiting,
        spec,
        createdAt,
        startedAt,
        endedAt,
        events,
        deep,
        networks,
        atHub);
  }

  public TaskView withEvents(List<EventView> history) {
    return new TaskView(
        id,
        name,
        state,
        driver,
        exitCode,
        exitDetail,
        node,
        nodeName,
        nodeState,
        epoch,
        endpoints,
        detail,
        waiting,
        spec,
        createdAt,
        startedAt,
        endedAt,
        history,
        deep,
        networks,
        proxied);
  }
}
