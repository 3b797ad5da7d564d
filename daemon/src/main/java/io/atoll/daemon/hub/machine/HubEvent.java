package io.atoll.daemon.hub.machine;

import io.atoll.client.api.TaskSpec;
import io.atoll.core.audit.AuditFact;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Cidr;
import io.atoll.core.term.IpAddress;
import io.atoll.core.term.NetworkId;
import io.atoll.core.term.TaskId;
import io.atoll.daemon.store.DeviceKeys;
import io.atoll.daemon.store.InviteRow;
import io.atoll.daemon.store.KeyRow;
import io.atoll.daemon.store.NoteRow;
import io.atoll.daemon.store.Query;
import io.atoll.daemon.store.RunRow;
import io.atoll.daemon.store.SeatRow;
import io.atoll.daemon.store.TaskRow;
import io.atoll.market.activity.Authority;
import io.atoll.market.activity.NetworkEgress;
import io.atoll.market.activity.ToHub;
import io.atoll.market.agreement.Offer;
import io.atoll.vpn.network.Egress;
import io.atoll.vpn.network.NodeKey;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What can happen to a hub. A `ticket` names a waiting caller: its answer is a `HubAction.Reply`
/// with the same number. A `session` names one connection of one node; the shell gives each a new
/// number.
public sealed interface HubEvent {

  /// Somebody asks for something and waits for the answer.
  sealed interface Request extends HubEvent {
    long ticket();
  }

  /// A request with who makes it, for the record.
  ///
  /// @param by as in an `AuditFact`
  record Called(String by, Request request) implements HubEvent {}

  /// Something that happens outside the store, or was refused, goes into the record.
  record Tell(long ticket, AuditFact fact) implements Request {}

  /// A provider says something.
  sealed interface FromNode extends HubEvent {
    PeerId node();

    long session();
  }

  /// @param id new, made by the shell
  /// @param spec checked by the shell, names and sizes included
  record Submit(
      long ticket, TaskId id, TaskSpec spec, Authority authority, @Nullable Idempotency idempotency)
      implements Request {}

  /// @param stored what the store has for this key now, read by the machine's own thread just
  ///     before the step; the machine itself remembers what it decided since it was loaded
  record Idempotency(
      String key, String bodyHash, Instant expires, Query.@Nullable Idempotency stored) {}

  record StopTask(long ticket, TaskId id) implements Request {}

  /// @param deep it should also give its memory back
  record SuspendTask(long ticket, TaskId id, boolean deep) implements Request {}

  record ResumeTask(long ticket, TaskId id) implements Request {}

  /// @param stored the task in the store, null if there is none; read once all earlier decisions
  ///     are committed, as are the runs
  record DeleteTask(long ticket, TaskId id, @Nullable TaskRow stored, List<RunRow> runs)
      implements Request {
    public DeleteTask {
      runs = List.copyOf(runs);
    }
  }

  /// A provider of this very process joins without an invite.
  record NodeJoined(long ticket, PeerId node, Offer offer) implements Request {}

  /// The operator gives a node up for good.
  record NodeForgotten(long ticket, PeerId node) implements Request {}

  /// @param invite id, hash and times made by the shell
  record CreateInvite(long ticket, InviteRow invite) implements Request {}

  /// A provider joins by invite; it repeats this until it got an answer.
  ///
  /// @param hash of the invite's secret
  record UseProviderInvite(long ticket, String hash, PeerId node, Offer offer) implements Request {}

  /// @param key the app's new key, made by the shell
  record UseAppInvite(long ticket, String hash, KeyRow key) implements Request {}

  record RevokeInvite(long ticket, String id) implements Request {}

  record CreateKey(long ticket, KeyRow key) implements Request {}

  record RevokeKey(long ticket, String id) implements Request {}

  /// @param id new, made by the shell
  /// @param owner whose key signs its member list
  /// @param v4 null = any block that is free
  record CreateNetwork(
      long ticket, NetworkId id, PeerId owner, String name, @Nullable Cidr v4, boolean allProviders)
      implements Request {}

  /// @param network its name or id, here and below
  record RemoveNetwork(long ticket, String network) implements Request {}

  /// @param member a holder of a seat, or its name in the network
  record MoveMember(long ticket, String network, String member, IpAddress v4) implements Request {}

  /// Says what may leave a network.
  record SetEgress(long ticket, String network, Egress egress) implements Request {}

  /// Something that is no task becomes a member. Once more changes nothing.
  ///
  /// @param holder its id among the network's seats
  /// @param name what it is called in the network
  /// @param v4 null = any address that is free
  record TakeSeat(
      long ticket,
      String network,
      SeatRow.Kind kind,
      String holder,
      String name,
      PeerId node,
      @Nullable IpAddress v4)
      implements Request {}

  /// An address is kept for tasks of one key, or taken for packets of one key. Once more changes
  /// nothing.
  ///
  /// @param node null = for the tasks that ask for the address; else what is no task is there
  record ReserveSeat(
      long ticket,
      String network,
      String holder,
      String name,
      String keyId,
      IpAddress v4,
      @Nullable PeerId node)
      implements Request {}

  /// Somebody who speaks another vocabulary keeps something.
  record KeepNote(long ticket, NoteRow note) implements Request {}

  record DropNote(long ticket, String space, String id) implements Request {}

  /// It is a member no longer.
  record LeaveSeat(long ticket, String network, String holder) implements Request {}

  /// A person's device becomes a member. What its door says then completes its configuration.
  ///
  /// @param id new, made by the shell
  /// @param keys the private one is nowhere here
  /// @param door the node that it speaks to
  record InviteDevice(
      long ticket, String network, String id, String name, DeviceKeys keys, PeerId door)
      implements Request {}

  /// @param device its id or name
  record RemoveDevice(long ticket, String network, String device) implements Request {}

  /// The hub's own node, which is no provider, lets devices in by this key.
  record OwnDoor(NodeKey key) implements HubEvent {}

  /// What wanted to leave private networks from the hub's own node, which is no provider.
  record OwnEgress(List<NetworkEgress> networks) implements HubEvent {
    public OwnEgress {
      networks = List.copyOf(networks);
    }
  }

  /// The hub's own node, which is no provider, says by which key it seals packets of a network,
  /// or where it is reached; neither = it is there from now on.
  record OwnNode(@Nullable NodeKey key, @Nullable List<String> addresses) implements HubEvent {
    public OwnNode {
      addresses = addresses == null ? null : List.copyOf(addresses);
    }
  }

  /// First message of a session.
  ///
  /// @param ended rows of those tasks named in it that are in the store and not live in the
  ///     machine (`HubMachine.isLive`), read once all earlier decisions are committed. Without
  ///     them an ended task would look unknown
  record Hello(PeerId node, long session, ToHub.Hello message, List<TaskRow> ended)
      implements FromNode {
    public Hello {
      ended = List.copyOf(ended);
    }
  }

  record Heartbeat(PeerId node, long session, ToHub.Heartbeat message) implements FromNode {}

  record Reports(PeerId node, long session, ToHub.Reports message) implements FromNode {}

  record Known(PeerId node, long session, ToHub.Known message) implements FromNode {}

  record Networks(PeerId node, long session, ToHub.Networks message) implements FromNode {}

  record Egresses(PeerId node, long session, ToHub.Egress message) implements FromNode {}

  /// The session ended.
  record Disconnected(PeerId node, long session) implements FromNode {}

  /// A node said of its machine what cannot be.
  record Misread(PeerId node, String what) implements HubEvent {}

  /// Time passed. Comes every 250 ms or so; a late one means that the hub itself stood still.
  record Tick() implements HubEvent {}

  /// The event of a message of a session.
  static HubEvent of(PeerId node, long session, ToHub message, List<TaskRow> ended) {
    return switch (message) {
      case ToHub.Hello hello -> new Hello(node, session, hello, ended);
      case ToHub.Heartbeat heartbeat -> new Heartbeat(node, session, heartbeat);
      case ToHub.Reports reports -> new Reports(node, session, reports);
      case ToHub.Known known -> new Known(node, session, known);
      case ToHub.Networks networks -> new Networks(node, session, networks);
      case ToHub.Egress egress -> new Egresses(node, session, egress);
    };
  }
}
