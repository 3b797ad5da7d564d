package io.atoll.daemon.hub.machine;

import io.atoll.client.api.DeviceView;
import io.atoll.client.api.EgressView;
import io.atoll.client.api.MemberView;
import io.atoll.client.api.NetworkView;
import io.atoll.client.api.NodeView;
import io.atoll.client.api.TaskView;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.TaskId;
import io.atoll.core.time.Now;
import io.atoll.daemon.store.Change;
import io.atoll.daemon.store.InviteRow;
import io.atoll.daemon.store.KeyRow;
import io.atoll.daemon.store.SeatRow;
import io.atoll.vpn.network.Membership;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// The hub as a function of its memory and one event. Owned by one thread, which also asks for
/// views; a view is an immutable snapshot, and shows decisions from the moment they are taken: the
/// shell hands it out only once those are committed.
///
/// After a new machine was loaded, the shell ends all sessions, so that each node says hello again.
public final class HubMachine {
  private final Memory memory;
  private final Runs runs;
  private final Requests requests;
  private final Suspension suspension;
  private final Access access;
  private final Leases leases;
  private final Restoring restoring;
  private final Sessions sessions;
  private final Views views;
  private final Networks networks;
  private final Devices devices;
  private final Standings standings;

  /// @param start when it was loaded; nobody is judged silent before one lease after it
  public HubMachine(HubConfig config, HubState state, Now start) {
    memory = new Memory(config, state, start);
    networks = new Networks(memory);
    devices = new Devices(memory, networks);
    standings = new Standings(memory, networks);
    runs = new Runs(memory, networks);
    restoring = new Restoring(memory, runs);
    views = new Views(memory, runs, restoring, networks);
    requests = new Requests(memory, runs, networks, views);
    suspension = new Suspension(memory, runs, views);
    access = new Access(memory, networks);
    leases = new Leases(memory, runs, start);
    sessions =
        new Sessions(
            memory,
            runs,
            new Reports(memory, runs, networks),
            access,
            leases,
            restoring,
            standings);
    runs.begin(start);
  }

  /// Takes one event and decides.
  public Decision step(Now now, HubEvent event) {
    Step step = new Step(now, memory.highest.generation());
    leases.notice(now);
    take(step, event);
    if (event instanceof HubEvent.Called(String by, HubEvent.Request request)
        && step.hasDone(request.ticket())) {
      Audits.tell(step, by, request);
    }
    restoring.releaseIfAllAnswered(step);
    runs.wake(now);
    runs.plan(step);
    networks.settle(step);
    return step.finish(memory);
  }

  private void take(Step step, HubEvent event) {
    switch (event) {
      case HubEvent.Called called -> take(step, called.request());
      case HubEvent.Tell(long ticket, var fact) -> {
        step.change(new Change.Audit(fact));
        step.reply(ticket, new Answer.Done());
      }
      case HubEvent.Submit submit -> requests.submit(step, submit);
      case HubEvent.StopTask stop -> requests.stop(step, stop);
      case HubEvent.SuspendTask suspend -> suspension.suspend(step, suspend);
      case HubEvent.ResumeTask resume -> suspension.resume(step, resume);
      case HubEvent.DeleteTask delete -> requests.delete(step, delete);
      case HubEvent.NodeJoined joined -> access.joined(step, joined);
      case HubEvent.NodeForgotten forgotten -> requests.forgetNode(step, forgotten);
      case HubEvent.CreateInvite create -> access.createInvite(step, create);
      case HubEvent.UseProviderInvite use -> access.joinByInvite(step, use);
      case HubEvent.UseAppInvite use -> access.useAppInvite(step, use);
      case HubEvent.RevokeInvite revoke -> access.revokeInvite(step, revoke);
      case HubEvent.CreateKey create -> access.createKey(step, create);
      case HubEvent.RevokeKey revoke -> access.revokeKey(step, revoke);
      case HubEvent.Hello hello -> sessions.hello(step, hello);
      case HubEvent.Heartbeat heartbeat -> sessions.heartbeat(step, heartbeat);
      case HubEvent.Reports reports -> sessions.reports(step, reports);
      case HubEvent.CreateNetwork create -> networks.create(step, create);
      case HubEvent.RemoveNetwork remove -> networks.remove(step, remove);
      case HubEvent.MoveMember move -> networks.move(step, move);
      case HubEvent.SetEgress egress -> networks.egress(step, egress);
      case HubEvent.TakeSeat take -> networks.takeSeat(step, take);
      case HubEvent.ReserveSeat reserve -> networks.reserveSeat(step, reserve);
      case HubEvent.KeepNote(long ticket, var note) -> {
        step.change(new Change.PutNote(note));
        step.reply(ticket, new Answer.Done());
      }
      case HubEvent.DropNote(long ticket, String space, String id) -> {
        step.change(new Change.DeleteNote(space, id));
        step.reply(ticket, new Answer.Done());
      }
      case HubEvent.LeaveSeat leave -> networks.leaveSeat(step, leave);
      case HubEvent.InviteDevice invite -> devices.invite(step, invite);
      case HubEvent.RemoveDevice remove -> devices.remove(step, remove);
      case HubEvent.OwnNode own -> standings.own(step, own);
      case HubEvent.OwnEgress counted -> standings.ownEgress(counted.networks());
      case HubEvent.OwnDoor door -> standings.ownDoor(door.key());
      case HubEvent.Networks standing -> sessions.networks(step, standing);
      case HubEvent.Egresses counted -> sessions.egress(step, counted);
      case HubEvent.Known known -> sessions.known(step, known);
      case HubEvent.Disconnected disconnected -> sessions.disconnected(step, disconnected);
      case HubEvent.Misread misread -> sessions.misread(step, misread);
      case HubEvent.Tick _ -> leases.judge(step);
    }
  }

  /// Whether the task exists and has not ended.
  public boolean isLive(TaskId id) {
    return memory.tasks.containsKey(id);
  }

  /// The live task of this id or name.
  public Optional<TaskId> find(String task) {
    TaskId named = memory.names.get(task);
    if (named != null) {
      return Optional.of(named);
    }
    return TaskId.isId(task) && isLive(new TaskId(task))
        ? Optional.of(new TaskId(task))
        : Optional.empty();
  }

  /// A live task, with the reasons why it waits if it is queued.
  public Optional<TaskView> task(Now now, TaskId id) {
    return Optional.ofNullable(memory.tasks.get(id)).map(task -> views.full(now, task));
  }

  /// All live tasks, newest first, without reasons.
  public List<TaskView> tasks() {
    return views.tasks();
  }

  public List<NodeView> nodes() {
    return views.nodes();
  }

  /// The node of this peer id or name; empty also if several have the name.
  public Optional<PeerId> findNode(String node) {
    return Optional.ofNullable(requests.node(node));
  }

  /// What may leave a network.
  public Optional<EgressView> egress(String idOrName) {
    return Optional.ofNullable(memory.network(idOrName))
        .map(network -> EgressText.view(network.row.egress()));
  }

  /// Private networks, by name.
  public List<NetworkView> networks() {
    return NetworkViews.all(memory);
  }

  /// The network of this name or id.
  public Optional<NetworkView> network(String idOrName) {
    return Optional.ofNullable(memory.network(idOrName)).map(NetworkViews::of);
  }

  /// Its members, by address.
  public Optional<List<MemberView>> members(String idOrName) {
    return Optional.ofNullable(memory.network(idOrName))
        .map(network -> NetworkViews.members(memory, network));
  }

  /// Its devices, by address.
  public Optional<List<DeviceView>> devices(String idOrName) {
    return Optional.ofNullable(memory.network(idOrName)).map(devices::views);
  }

  /// One of its devices, by its id.
  public Optional<DeviceView> device(String network, String id) {
    return Optional.ofNullable(memory.network(network)).flatMap(one -> devices.view(one, id));
  }

  /// The rows of its seats, by address.
  public Optional<List<SeatRow>> seats(String idOrName) {
    return Optional.ofNullable(memory.network(idOrName))
        .map(
            network ->
                network.seats.values().stream().sorted(Comparator.comparing(SeatRow::v4)).toList());
  }

  /// Who is in it, as its nodes are told.
  public Optional<Membership> membership(String idOrName) {
    return Optional.ofNullable(memory.network(idOrName)).map(LiveNetwork::membership);
  }

  public List<KeyRow> keys() {
    return List.copyOf(memory.keys.values());
  }

  public List<InviteRow> invites() {
    return List.copyOf(memory.invites.values());
  }

  /// Names of the nodes that a restored store still waits for; empty if it is not one.
  public List<String> waitingFor() {
    return memory.restored ? restoring.waitingFor() : List.of();
  }

  /// How many tasks wait for a node.
  public int queued() {
    return memory.queue.size();
  }
}
