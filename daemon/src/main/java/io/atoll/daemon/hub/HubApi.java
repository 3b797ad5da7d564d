package io.atoll.daemon.hub;

import io.atoll.client.api.EgressView;
import io.atoll.client.api.ExecRequest;
import io.atoll.client.api.InviteView;
import io.atoll.client.api.MemberView;
import io.atoll.client.api.NetworkView;
import io.atoll.client.api.NodeView;
import io.atoll.client.api.SnapshotList;
import io.atoll.client.api.TaskSpec;
import io.atoll.client.api.TaskStats;
import io.atoll.client.api.TaskView;
import io.atoll.client.request.NetMapping;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.exec.ExecLine;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.IpAddress;
import io.atoll.core.term.OutputChunk;
import io.atoll.core.term.SnapshotName;
import io.atoll.core.term.TaskId;
import io.atoll.daemon.store.KeyRow;
import io.atoll.daemon.store.Query.EventPage;
import io.atoll.market.activity.SnapshotMessage.Verb;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What an API server may ask of a hub. Every failure is an `AtollException` with a code and a
/// hint.
/// A method that changes something returns once the change is on disk. `task` is an id or a name,
/// `node` a peer id or a name.
public interface HubApi {
  /// The key that this secret belongs to; empty if there is none or it was revoked.
  Optional<KeyRow> authenticate(String secret);

  /// Lets apps in that have a public key.
  AppLogins logins();

  /// Makes an app that proves its key; CONFLICT if one has, or had, the same.
  ///
  /// @param publicKey of Ed25519
  KeyRow createApp(String name, byte[] publicKey) throws InterruptedException;

  /// The record of who did what.
  AuditDesk audit();

  /// Accepts a task.
  ///
  /// @param idempotencyKey a repeat with the same key and body returns the task made first; with
  ///     another body it is a CONFLICT
  /// @param bodyHash SHA-256 of the request's body
  TaskView submit(TaskSpec spec, String keyId, @Nullable String idempotencyKey, String bodyHash)
      throws InterruptedException;

  /// One task with its events.
  TaskView task(String task);

  /// Newest first, without events.
  List<TaskView> tasks(boolean ended, @Nullable TaskId before, int limit);

  /// Asks a task to end; returns at once, the task being STOPPING or ended.
  TaskView stop(String task) throws InterruptedException;

  /// Asks a task to stand still; returns at once with the task as it stands. CONFLICT if it ends or
  /// has ended.
  ///
  /// @param deep it should also give its memory back; DRIVER_CANNOT where its driver cannot
  TaskView suspend(String task, boolean deep) throws InterruptedException;

  /// Asks a suspended task to go on; the same otherwise.
  TaskView resume(String task) throws InterruptedException;

  /// Removes a task that has ended, its output and its history; CONFLICT if it has not ended.
  void delete(String task) throws InterruptedException;

  /// Events after a cursor; waits up to `wait` for the first if there are none.
  EventPage events(long after, @Nullable TaskId task, int limit, Duration wait)
      throws InterruptedException;

  /// Opens the output of a task's newest run, waiting for the run to begin if `follow`.
  ///
  /// @param run epoch text of an older run; null = the newest
  Output output(String task, @Nullable String run, long offset, boolean follow)
      throws IOException, InterruptedException;

  /// Begins a command beside a task's payload. A repeat with the same session begins nothing.
  void exec(String task, ExecRequest request) throws InterruptedException;

  /// Connects to a command that was begun; the newest connection takes the place of the one before.
  /// GONE if it has ended.
  ExecLine attach(String task, String session) throws InterruptedException;

  /// Asks the node of a task's newest run what it uses; UNREACHABLE if it is not connected.
  TaskStats stats(String task) throws InterruptedException;

  /// Has the node of a task's newest run do something with its snapshots; UNREACHABLE if it is not
  /// connected.
  ///
  /// @param name of the one that it is about; null for LIST
  /// @return those that there are then
  SnapshotList snapshots(String task, Verb verb, @Nullable SnapshotName name)
      throws InterruptedException;

  /// Makes a private network.
  NetworkView createNetwork(NetMapping.Wanted wanted) throws InterruptedException;

  /// Private networks, by name.
  List<NetworkView> networks();

  /// @param network its name or id, here and below
  NetworkView network(String network);

  /// By address.
  List<MemberView> members(String network);

  /// Gives a member another address, also while it runs; DRIVER_CANNOT where that cannot be.
  ///
  /// @param member a task, a node or a device, by id or by its name in the network
  MemberView moveMember(String network, String member, IpAddress address)
      throws InterruptedException;

  /// What may leave a network.
  EgressView egress(String network);

  /// Says what may leave a network from now on, instead of what might before.
  EgressView setEgress(String network, EgressView egress) throws InterruptedException;

  /// CONFLICT if a task is in it.
  void removeNetwork(String network) throws InterruptedException;

  List<NodeView> nodes();

  NodeView node(String node);

  /// Round trip to a provider.
  Duration ping(String node) throws InterruptedException;

  /// Removes a node that will not come back; its runs are given up.
  void forgetNode(String node) throws InterruptedException;

  InviteView createInvite(InviteView.Role role, Duration validFor) throws InterruptedException;

  /// Lets a peer join as a provider without a secret; again = once more, from now on.
  InviteView admit(PeerId peer, Duration validFor) throws InterruptedException;

  List<InviteView> invites();

  void revokeInvite(String id) throws InterruptedException;

  /// Trades an app's invite for a key; returns the key's secret, which is not kept.
  String redeemAppInvite(String invite, String name) throws InterruptedException;

  List<KeyRow> keys();

  void revokeKey(String id) throws InterruptedException;

  /// Writes a copy of the store while the hub runs.
  void backup(Path file);

  /// Devices of people in private networks.
  default DeviceDesk devices() {
    throw new AtollException(
        ErrorCode.NOT_FOUND,
        "this daemon is no hub",
        "ask the hub that it joined: set ATOLL_HUB and ATOLL_KEY");
  }

  /// What providers' machines are and do.
  default MachineDesk machines() {
    throw new AtollException(
        ErrorCode.NOT_FOUND,
        "this daemon is no hub",
        "ask the hub that it joined: set ATOLL_HUB and ATOLL_KEY");
  }

  /// What those need who speak another vocabulary than this one.
  default ForeignDesk foreign() {
    throw new AtollException(
        ErrorCode.NOT_FOUND,
        "this daemon is no hub",
        "ask the hub that it joined: set ATOLL_HUB and ATOLL_KEY");
  }

  /// Whether it can take tasks; a reason for each thing that is not ready, none = ready.
  List<String> notReady();

  /// The output of one run, read in order by one thread.
  interface Output extends AutoCloseable {
    /// The next piece.
    ///
    /// @param wait how long to wait for it
    OutputPart next(Duration wait) throws IOException, InterruptedException;

    @Override
    void close();
  }

  sealed interface OutputPart {
    record Chunk(OutputChunk chunk) implements OutputPart {}

    /// Bytes from `from` to `until` are no longer kept.
    record Dropped(long from, long until) implements OutputPart {}

    /// Nothing came in time; more may.
    record Nothing() implements OutputPart {}

    /// The run has ended and everything was read, or nothing more is there and `follow` was false.
    record End() implements OutputPart {}
  }
}
