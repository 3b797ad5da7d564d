package io.atoll.daemon.provider.machine;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Endpoint;
import io.atoll.core.term.Exit;
import io.atoll.core.term.RunId;
import io.atoll.daemon.journal.Agreement;
import io.atoll.market.activity.NetworkEgress;
import io.atoll.market.activity.RunState;
import io.atoll.market.activity.ToProvider;
import io.atoll.vpn.network.NodeKey;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What can happen to a provider.
public sealed interface ProviderEvent {
  /// It joined a hub, or the terms of one changed.
  record Joined(Agreement agreement) implements ProviderEvent {}

  /// It leaves a hub: the runs of that hub are stopped.
  record Left(PeerId hub) implements ProviderEvent {}

  /// A stream to a hub is open; the hello goes out now.
  ///
  /// @param session a new number for each stream
  record SessionUp(PeerId hub, long session) implements ProviderEvent {}

  record SessionDown(PeerId hub, long session) implements ProviderEvent {}

  record FromHub(PeerId hub, long session, ToProvider message) implements ProviderEvent {}

  /// The runner of a run says where it is.
  ///
  /// @param state STARTING, RUNNING or SUSPENDED
  /// @param detail what it does now, for people: "pulling image …"; empty where the state says it
  /// @param startedAt when the payload began; null before
  /// @param deep it has given its memory back; only with SUSPENDED
  record RunnerProgress(
      RunId run,
      RunState state,
      String detail,
      @Nullable Instant startedAt,
      List<Endpoint> endpoints,
      boolean deep)
      implements ProviderEvent {
    public RunnerProgress {
      endpoints = List.copyOf(endpoints);
    }

    public RunnerProgress(
        RunId run,
        RunState state,
        String detail,
        @Nullable Instant startedAt,
        List<Endpoint> endpoints) {
      this(run, state, detail, startedAt, endpoints, false);
    }
  }

  /// What a live run does: how far its machine is, or what is wanted of it, cannot be done now and
  /// is tried again.
  ///
  /// @param detail for people; empty where its state says it all
  record RunnerDetail(RunId run, String detail) implements ProviderEvent {}

  /// The run ended, and holds nothing of the machine any more. Comes exactly once for each
  /// `StartRun`, and for each recovered run that was found.
  ///
  /// @param endedAt null = just now
  record RunnerExited(RunId run, Exit exit, @Nullable Instant endedAt) implements ProviderEvent {}

  /// What a driver said of a run that was journalled before the daemon started.
  record Recovered(RunId run, Finding finding) implements ProviderEvent {}

  enum Finding {
    /// Its payload provably never began.
    NEVER_STARTED,
    /// It is there, running, suspended or ended: progress or exit follow.
    FOUND
  }

  /// By which key this node seals packets of a network, signed by it.
  record NetworkKey(NodeKey key) implements ProviderEvent {}

  /// By which key devices know this node in a network, signed by it.
  record NetworkDoor(NodeKey key) implements ProviderEvent {}

  /// Where this node is reached for packets of networks, see `NodeReach`.
  record NetworkAddresses(List<String> addresses) implements ProviderEvent {
    public NetworkAddresses {
      addresses = List.copyOf(addresses);
    }
  }

  /// What wanted to leave networks from this node, of all where something did or may.
  record NetworkEgresses(List<NetworkEgress> all) implements ProviderEvent {
    public NetworkEgresses {
      all = List.copyOf(all);
    }
  }

  /// What works on this machine changed (a driver came or went).
  record OfferChanged(ProviderConfig config) implements ProviderEvent {}

  /// How it stands with the machine itself has changed.
  ///
  /// @param owner why its owner needs it, for people: all runs pause; null = they do not
  /// @param busy why it takes no new work, for people; null = it does
  record Machine(@Nullable String owner, @Nullable String busy) implements ProviderEvent {}

  record Tick() implements ProviderEvent {}
}
