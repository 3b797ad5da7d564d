package io.atoll.daemon.hub;

import io.atoll.client.api.EgressView;
import io.atoll.client.api.EventView;
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
import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.Invite;
import io.atoll.core.term.IpAddress;
import io.atoll.core.term.NetworkId;
import io.atoll.core.term.RunId;
import io.atoll.core.term.SnapshotName;
import io.atoll.core.term.TaskId;
import io.atoll.daemon.hub.machine.Answer;
import io.atoll.daemon.hub.machine.Decision;
import io.atoll.daemon.hub.machine.EgressText;
import io.atoll.daemon.hub.machine.HubAction;
import io.atoll.daemon.hub.machine.HubConfig;
import io.atoll.daemon.hub.machine.HubEvent;
import io.atoll.daemon.hub.machine.TaskViews;
import io.atoll.daemon.store.Change;
import io.atoll.daemon.store.InviteRow;
import io.atoll.daemon.store.KeyRow;
import io.atoll.daemon.store.NodeRow;
import io.atoll.daemon.store.Query;
import io.atoll.daemon.store.Query.EventPage;
import io.atoll.daemon.store.Reserve;
import io.atoll.daemon.store.RunRow;
import io.atoll.daemon.store.SeatRow;
import io.atoll.daemon.store.Store;
import io.atoll.daemon.store.TaskRow;
import io.atoll.market.activity.Authority;
import io.atoll.market.activity.NetworkEgress;
import io.atoll.market.activity.NodeReach;
import io.atoll.market.activity.RunReport;
import io.atoll.market.activity.SnapshotMessage.Verb;
import io.atoll.market.activity.ToHub;
import io.atoll.market.agreement.JoinProtocol;
import io.atoll.market.agreement.Offer;
import io.atoll.p2p.host.Host;
import io.atoll.vpn.device.Device;
import io.atoll.vpn.network.Membership;
import io.atoll.vpn.network.NodeKey;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The hub role: what callers may ask of it, on top of the loop that owns its machine.
public final class Hub implements HubApi, AutoCloseable {
  private static final Duration IDEMPOTENCY = Duration.ofHours(24);
  private static final Duration LOOK_PATIENCE = Duration.ofSeconds(2);
  private static final Duration INVITE_LONGEST = Duration.ofDays(30);

  private final Host host;
  private final Store store;
  private final Reserve reserve;
  private final Supplier<String> apiUrl;
  private final HubLoop loop;
  private final NodeSessions sessions;
  private final JoinService joins;
  private final EventSignal signal = new EventSignal();
  private final Outputs outputs;
  private final RoundTrips trips;
  private final Usages usages;
  private final Machines machines;
  private final RunSnapshots snapshots;
  private final Execs execs;
  private final PublishedPorts ports;
  private final Seals seals;
  private volatile @Nullable Own own;
  private final OwnSaid ownSaid;
  private final Glance<List<NetworkView>> networksSeen;
  private final Observed observed = new Observed();
  private final Foreign foreign;
  private final DeviceInvites devices;
  private final HubAudit audit;
  private final SecureRandom random = new SecureRandom();

  /// Follows the store: secrets' hashes to keys, and who has joined.
  private final Map<String, KeyRow> keysByHash = new ConcurrentHashMap<>();

  private final Map<String, KeyRow> apps = new ConcurrentHashMap<>(); // by id
  private final Map<String, KeyRow> appsByKey = new ConcurrentHashMap<>();
  private final AppLogins logins;

  private final Map<PeerId, NodeRow> joined = new ConcurrentHashMap<>();

  /// Whether this process is a provider too.
  private volatile boolean ownNode;

  /// @param reserve of the disk that the store is on
  /// @param apiUrl where apps reach this hub's API, for their invites; empty = only from here
  /// @param identity of the host; it signs the member lists of networks
  public Hub(
      HubConfig config,
      Identity identity,
      Host host,
      Store store,
      Reserve reserve,
      Supplier<String> apiUrl) {
    this.seals = new Seals(identity);
    this.host = host;
    this.store = store;
    this.reserve = reserve;
    this.apiUrl = apiUrl;
    this.trips = new RoundTrips(host);
    this.outputs = new Outputs(host, store, signal, id -> withoutEvents(id.text()).state().ended());
    this.execs = new Execs(host);
    this.usages = new Usages(host);
    this.machines = new Machines(host, new FromHub());
    this.snapshots = new RunSnapshots(host);
    this.ports = new PublishedPorts(host);
    this.loop = new HubLoop(config, store, reserve, new FromLoop());
    this.networksSeen =
        new Glance<>(
            () -> loop.asked((machine, _) -> machine.networks()), List.of(), LOOK_PATIENCE);
    this.ownSaid = new OwnSaid(loop::happened);
    this.foreign = new Foreign(host.id(), loop, store, joined);
    this.devices = new DeviceInvites(host.id(), loop);
    this.audit = new HubAudit(identity, loop, store, reserve);
    this.sessions = new NodeSessions(joined::containsKey, new FromNodes());
    this.joins = new JoinService(this::join, config.version());
    this.logins = new AppLogins(identity, new KnownApps(), InstantSource.system());
    store.read(new Query.Keys()).forEach(this::known);
    store.read(new Query.Nodes()).forEach(node -> joined.put(node.id(), node));
    signal.reached(store.read(new Query.Meta()).lastSeq());
  }

  /// Whether a node has joined.
  public boolean knows(PeerId node) {
    return joined.containsKey(node);
  }

  /// What takes part in networks for this hub, where it is no provider. Called on its own thread;
  /// returns at once.
  public interface Own {
    /// @param devices those that reach it through that node
    void put(Membership now, int mtu, List<NodeReach> reach, List<Device> devices);

    void leave(NetworkId network);
  }

  /// Has a node of its own from now on.
  public void own(Own node) {
    own = node;
    loop.happened(new HubEvent.OwnNode(null, null));
  }

  /// That node's news.
  public void ownNews(@Nullable NodeKey key, @Nullable List<String> addresses) {
    ownSaid.news(key, addresses);
  }

  /// That node lets devices in by this key.
  public void ownDoor(NodeKey key) {
    ownSaid.door(key);
  }

  /// What wanted to leave networks from that node, counted since it takes part in them.
  public void ownEgress(List<NetworkEgress> counted) {
    loop.happened(new HubEvent.OwnEgress(counted));
  }

  public Hub start() {
    reserve.make();
    loop.start();
    trips.start();
    host.watch(observed);
    sessions.serve(host);
    joins.serve(host);
    return this;
  }

  /// From now on published ports of nodes that cannot be reached open on this machine.
  ///
  /// @param bind the address to open them on
  /// @param host how callers reach it
  public void publishAt(InetAddress bind, String host) {
    ports.openAt(bind, host);
    for (TaskView task : loop.ask((machine, _) -> machine.tasks())) {
      List<RunRow> runs = store.read(new Query.RunsOf(task.id()));
      if (!runs.isEmpty()) {
        ports.follow(runs.getLast());
      }
    }
  }

  /// As callers see it.
  private TaskView shown(TaskView task) {
    Epoch epoch = task.epoch();
    return epoch == null || task.endpoints().isEmpty()
        ? task
        : ports.shown(task, new RunId(task.id(), epoch));
  }

  private void known(KeyRow key) {
    String publicKey = key.publicKey();
    if (publicKey == null) {
      keysByHash.put(key.hash(), key);
    } else {
      apps.put(key.id(), key);
      appsByKey.put(publicKey, key);
    }
  }

  private final class KnownApps implements AppLogins.Apps {
    @Override
    public Optional<KeyRow> byPublicKey(byte[] publicKey) {
      return Optional.ofNullable(appsByKey.get(Base64.getEncoder().encodeToString(publicKey)));
    }

    @Override
    public Optional<KeyRow> byId(String id) {
      return Optional.ofNullable(apps.get(id));
    }
  }

  @Override
  public AppLogins logins() {
    return logins;
  }

  @Override
  public KeyRow createApp(String name, byte[] publicKey) throws InterruptedException {
    String text = Base64.getEncoder().encodeToString(publicKey);
    KeyRow app = new KeyRow(Secrets.id('a'), name, "", Instant.now(), null, text);
    expectDone(ask(ticket -> new HubEvent.CreateKey(ticket, app)));
    return app;
  }

  @Override
  public Optional<KeyRow> authenticate(String secret) {
    if (AppLogins.isToken(secret)) {
      return logins.holder(secret);
    }
    return Optional.ofNullable(keysByHash.get(Secrets.hash(secret)))
        .filter(key -> key.revokedAt() == null);
  }

  /// Makes a key without an invite; returns its secret, which is not kept.
  public String createKey(String name) throws InterruptedException {
    String secret = Secrets.secret();
    KeyRow key = newKey(name, secret);
    expectDone(ask(ticket -> new HubEvent.CreateKey(ticket, key)));
    return secret;
  }

  private static KeyRow newKey(String name, String secret) {
    return new KeyRow(Secrets.id('k'), name, Secrets.hash(secret), Instant.now(), null);
  }

  /// Lets a provider of this very process join, without an invite.
  public void joinLocal(Offer offer) throws InterruptedException {
    ownNode = true;
    expectDone(ask(ticket -> new HubEvent.NodeJoined(ticket, host.id(), offer)));
  }

  @Override
  public TaskView submit(
      TaskSpec spec, String keyId, @Nullable String idempotencyKey, String bodyHash)
      throws InterruptedException {
    if (!reserve.held() && !isRepeat(keyId, idempotencyKey)) {
      throw reserve.lacking();
    }
    TaskId id = TaskId.random(random);
    Authority authority = new Authority(keyId, List.of());
    Instant expires = Instant.now().plus(IDEMPOTENCY);
    Answer answer =
        idempotencyKey == null
            ? loop.request(ticket -> new HubEvent.Submit(ticket, id, spec, authority, null))
            : loop.requestWithStore(
                (ticket, _, read) ->
                    new HubEvent.Submit(
                        ticket,
                        id,
                        spec,
                        authority,
                        new HubEvent.Idempotency(
                            idempotencyKey,
                            bodyHash,
                            expires,
                            read.read(new Query.Idempotent(keyId, idempotencyKey)).orElse(null))));
    return answer instanceof Answer.Repeated(TaskId first) ? task(first.text()) : view(answer);
  }

  private boolean isRepeat(String keyId, @Nullable String idempotencyKey) {
    return idempotencyKey != null
        && store.read(new Query.Idempotent(keyId, idempotencyKey)).isPresent();
  }

  @Override
  public TaskView task(String task) {
    TaskView view = withoutEvents(task);
    List<EventView> events = store.read(new Query.Events(0, view.id(), Query.Events.MAX)).events();
    return shown(view).withEvents(events);
  }

  private TaskView withoutEvents(String task) {
    return loop.ask((machine, now) -> machine.find(task).flatMap(id -> machine.task(now, id)))
        .or(() -> stored(task).map(this::ended))
        .orElseThrow(() -> noTask(task));
  }

  private Optional<TaskRow> stored(String task) {
    Optional<TaskRow> byId =
        TaskId.isId(task) ? store.read(new Query.TaskById(new TaskId(task))) : Optional.empty();
    return byId.or(() -> store.read(new Query.TaskByName(task)));
  }

  private TaskView ended(TaskRow row) {
    List<RunRow> runs = store.read(new Query.RunsOf(row.id()));
    RunRow last = runs.isEmpty() ? null : runs.getLast();
    NodeRow node = last == null ? null : joined.get(last.node());
    return TaskViews.of(
        row, last, node == null ? null : node.offer().name(), null, null, List.of(), List.of());
  }

  private static AtollException noTask(String task) {
    return new AtollException(
        ErrorCode.NOT_FOUND, "there is no task '" + task + "'", "see `atoll task list`");
  }

  @Override
  public List<TaskView> tasks(boolean all, @Nullable TaskId before, int limit) {
    List<TaskView> live = loop.ask((machine, _) -> machine.tasks());
    Map<TaskId, TaskView> byId = new ConcurrentHashMap<>();
    live.forEach(view -> byId.put(view.id(), view));
    List<TaskView> page = new ArrayList<>();
    for (TaskRow row : store.read(new Query.Tasks(all, before, limit))) {
      TaskView view = byId.get(row.id());
      page.add(view != null ? shown(view) : ended(row));
    }
    return page;
  }

  @Override
  public TaskView stop(String task) throws InterruptedException {
    TaskId id = id(task);
    Answer answer = ask(ticket -> new HubEvent.StopTask(ticket, id));
    return answer instanceof Answer.NotLive(TaskId ended)
        ? withoutEvents(ended.text())
        : view(answer);
  }

  @Override
  public TaskView suspend(String task, boolean deep) throws InterruptedException {
    TaskId id = id(task);
    return live(task, ask(ticket -> new HubEvent.SuspendTask(ticket, id, deep)));
  }

  @Override
  public TaskView resume(String task) throws InterruptedException {
    TaskId id = id(task);
    return live(task, ask(ticket -> new HubEvent.ResumeTask(ticket, id)));
  }

  private static TaskView live(String task, Answer answer) {
    if (answer instanceof Answer.NotLive) {
      throw new AtollException(
          ErrorCode.CONFLICT,
          "task " + task + " has ended",
          "see how: atoll task show " + task + "; run it anew to have it again");
    }
    return view(answer);
  }

  @Override
  public void delete(String task) throws InterruptedException {
    TaskId id = id(task);
    Answer answer =
        loop.requestWithStore(
            (ticket, _, read) ->
                new HubEvent.DeleteTask(
                    ticket,
                    id,
                    read.read(new Query.TaskById(id)).orElse(null),
                    read.read(new Query.RunsOf(id))));
    if (answer instanceof Answer.NotLive) {
      throw noTask(task);
    }
    expectDone(answer);
  }

  private TaskId id(String task) {
    return loop.ask((machine, _) -> machine.find(task))
        .or(() -> stored(task).map(TaskRow::id))
        .orElseThrow(() -> noTask(task));
  }

  @Override
  public EventPage events(long after, @Nullable TaskId task, int limit, Duration wait)
      throws InterruptedException {
    long deadline = System.nanoTime() + wait.toNanos();
    long seen = after;
    while (true) {
      EventPage page = store.read(new Query.Events(after, task, limit));
      seen = Math.max(seen, page.last());
      long left = deadline - System.nanoTime();
      if (!page.events().isEmpty() || left <= 0 || !signal.await(seen, left)) {
        return page;
      }
    }
  }

  @Override
  public Output output(String task, @Nullable String epoch, long offset, boolean follow)
      throws InterruptedException {
    return outputs.open(id(task), epoch, offset, follow);
  }

  @Override
  public void exec(String task, ExecRequest request) throws InterruptedException {
    execs.begin(withoutEvents(task), request);
  }

  @Override
  public ExecLine attach(String task, String session) throws InterruptedException {
    return execs.attach(withoutEvents(task), session);
  }

  @Override
  public TaskStats stats(String task) throws InterruptedException {
    return usages.ask(withoutEvents(task));
  }

  @Override
  public MachineDesk machines() {
    return machines;
  }

  @Override
  public SnapshotList snapshots(String task, Verb verb, @Nullable SnapshotName name)
      throws InterruptedException {
    return snapshots.ask(withoutEvents(task), verb, name);
  }

  @Override
  public NetworkView createNetwork(NetMapping.Wanted wanted) throws InterruptedException {
    NetworkId id = NetworkId.random(random);
    expectDone(
        ask(
            ticket ->
                new HubEvent.CreateNetwork(
                    ticket, id, host.id(), wanted.name(), wanted.v4(), wanted.allProviders())));
    return network(id.text());
  }

  @Override
  public List<NetworkView> networks() {
    return loop.ask((machine, _) -> machine.networks());
  }

  /// The same for whoever measures: soon, if need be as they were before.
  public List<NetworkView> networksSeen() {
    return networksSeen.look();
  }

  @Override
  public NetworkView network(String network) {
    return loop.ask((machine, _) -> machine.network(network)).orElseThrow(() -> noNetwork(network));
  }

  @Override
  public List<MemberView> members(String network) {
    return loop.ask((machine, _) -> machine.members(network)).orElseThrow(() -> noNetwork(network));
  }

  @Override
  public MemberView moveMember(String network, String member, IpAddress address)
      throws InterruptedException {
    expectDone(ask(ticket -> new HubEvent.MoveMember(ticket, network, member, address)));
    return members(network).stream()
        .filter(one -> one.v4().equals(address))
        .findFirst()
        .orElseThrow(() -> noNetwork(network));
  }

  @Override
  public EgressView egress(String network) {
    return loop.ask((machine, _) -> machine.egress(network)).orElseThrow(() -> noNetwork(network));
  }

  @Override
  public EgressView setEgress(String network, EgressView egress) throws InterruptedException {
    expectDone(ask(ticket -> new HubEvent.SetEgress(ticket, network, EgressText.read(egress))));
    return egress(network);
  }

  @Override
  public void removeNetwork(String network) throws InterruptedException {
    expectDone(ask(ticket -> new HubEvent.RemoveNetwork(ticket, network)));
  }

  static AtollException noNetwork(String network) {
    return new AtollException(
        ErrorCode.NOT_FOUND,
        "there is no network '" + network + "'",
        "see `atoll net list`; make one: `atoll net create NAME`");
  }

  @Override
  public DeviceDesk devices() {
    return devices;
  }

  @Override
  public AuditDesk audit() {
    return audit;
  }

  @Override
  public ForeignDesk foreign() {
    return foreign;
  }

  /// Makes something that is no task a member of a network. Once more changes nothing.
  ///
  /// @param holder its id among the network's seats
  /// @param name what it is called there
  /// @param node where it is
  /// @param v4 null = any address that is free
  public void takeSeat(
      String network,
      SeatRow.Kind kind,
      String holder,
      String name,
      PeerId node,
      @Nullable IpAddress v4)
      throws InterruptedException {
    expectDone(ask(ticket -> new HubEvent.TakeSeat(ticket, network, kind, holder, name, node, v4)));
  }

  /// It is a member no longer.
  public void leaveSeat(String network, String holder) throws InterruptedException {
    expectDone(ask(ticket -> new HubEvent.LeaveSeat(ticket, network, holder)));
  }

  /// Who is in a network, as its nodes are told; empty if there is none such.
  public Optional<Membership> membership(String network) {
    return loop.ask((machine, _) -> machine.membership(network));
  }

  @Override
  public List<NodeView> nodes() {
    return loop.ask((machine, _) -> machine.nodes()).stream().map(this::withRoundTrip).toList();
  }

  private NodeView withRoundTrip(NodeView view) {
    return new NodeView(
        view.id(),
        view.name(),
        view.state(),
        view.version(),
        view.os(),
        view.arch(),
        view.total(),
        view.free(),
        view.drivers(),
        view.missing(),
        view.runs(),
        trips.millis(view.id()),
        view.joinedAt(),
        view.changedAt());
  }

  @Override
  public NodeView node(String node) {
    PeerId id = nodeId(node);
    return nodes().stream()
        .filter(view -> view.id().equals(id))
        .findFirst()
        .orElseThrow(() -> noNode(node));
  }

  private PeerId nodeId(String node) {
    return loop.ask((machine, _) -> machine.findNode(node)).orElseThrow(() -> noNode(node));
  }

  static AtollException noNode(String node) {
    return new AtollException(
        ErrorCode.NOT_FOUND,
        "there is no node '" + node + "', or several have that name",
        "see `atoll node list`; a peer id is never ambiguous");
  }

  @Override
  public Duration ping(String node) throws InterruptedException {
    PeerId id = nodeId(node);
    try {
      return trips.measure(id);
    } catch (IOException e) {
      throw new AtollException(
          ErrorCode.UNREACHABLE,
          "node " + node + " did not answer: " + e.getMessage(),
          "providers dial the hub; is its daemon running, and does it reach this hub?",
          e);
    }
  }

  @Override
  public void forgetNode(String node) throws InterruptedException {
    PeerId id = nodeId(node);
    if (ownNode && id.equals(host.id())) {
      throw new AtollException(
          ErrorCode.CONFLICT,
          "node " + node + " is this hub's own daemon, which is a provider too",
          "run it as `atoll up --hub`, a hub alone; then it can be removed");
    }
    expectDone(ask(ticket -> new HubEvent.NodeForgotten(ticket, id)));
    host.disconnect(id);
  }

  @Override
  public InviteView createInvite(InviteView.Role role, Duration validFor)
      throws InterruptedException {
    String secret = Secrets.secret();
    InviteRow row = created(Secrets.id('i'), role, Secrets.hash(secret), validFor);
    Invite invite = new Invite(row.id(), secret, host.id(), shortWaysIn(), apiUrl.get());
    return inviteView(row, row.createdAt(), invite.text());
  }

  /// One row for each peer, so that it is admitted or not, and never both.
  @Override
  public InviteView admit(PeerId peer, Duration validFor) throws InterruptedException {
    String id = Secrets.idOf('p', peer.text());
    InviteRow row = created(id, InviteView.Role.PROVIDER, InviteRow.hashOf(peer), validFor);
    Invite pinned = Invite.pinned(host.id(), shortWaysIn(), apiUrl.get());
    return inviteView(row, row.createdAt(), pinned.text());
  }

  private InviteRow created(String id, InviteView.Role role, String hash, Duration validFor)
      throws InterruptedException {
    if (validFor.isNegative() || validFor.isZero() || validFor.compareTo(INVITE_LONGEST) > 0) {
      throw new AtollException(
          ErrorCode.BAD_REQUEST,
          "an invite is valid for more than nothing and at most 30 days",
          "leave it out for 24 hours");
    }
    Instant now = Instant.now();
    InviteRow row = new InviteRow(id, role, hash, now, now.plus(validFor), null, null);
    expectDone(ask(ticket -> new HubEvent.CreateInvite(ticket, row)));
    return row;
  }

  /// One short way in is enough for an invite; who has joined learns the others.
  private List<String> shortWaysIn() {
    List<String> all = host.listening();
    List<String> tcp = all.stream().filter(address -> !address.contains("/udp/")).toList();
    return tcp.isEmpty() ? all : tcp;
  }

  @Override
  public List<InviteView> invites() {
    Instant now = Instant.now();
    return store.read(new Query.Invites()).stream().map(row -> inviteView(row, now, null)).toList();
  }

  private static InviteView inviteView(InviteRow row, Instant now, @Nullable String text) {
    String state =
        row.usedBy() != null
            ? "USED"
            : row.revokedAt() != null
                ? "REVOKED"
                : now.isAfter(row.expiresAt()) ? "EXPIRED" : "OPEN";
    return new InviteView(
        row.id(),
        row.role(),
        state,
        row.createdAt(),
        row.expiresAt(),
        row.peer(),
        row.usedBy(),
        text);
  }

  @Override
  public void revokeInvite(String id) throws InterruptedException {
    expectDone(ask(ticket -> new HubEvent.RevokeInvite(ticket, id)));
  }

  @Override
  public String redeemAppInvite(String invite, String name) throws InterruptedException {
    String hash = Secrets.hash(Invite.parse(invite).secret());
    String secret = Secrets.secret();
    KeyRow key = newKey(name, secret);
    expectDone(ask(ticket -> new HubEvent.UseAppInvite(ticket, hash, key)));
    return secret;
  }

  @Override
  public List<KeyRow> keys() {
    return store.read(new Query.Keys());
  }

  @Override
  public void revokeKey(String id) throws InterruptedException {
    expectDone(ask(ticket -> new HubEvent.RevokeKey(ticket, id)));
  }

  @Override
  public void backup(Path file) {
    store.backup(file);
  }

  @Override
  public List<String> notReady() {
    String trouble = loop.trouble();
    return trouble == null ? List.of() : List.of(trouble);
  }

  private void join(PeerId node, JoinProtocol.Request request) throws InterruptedException {
    // The connection has proven who asks: that is all that an admission of a peer takes.
    String hash =
        "".equals(request.inviteId()) ? InviteRow.hashOf(node) : Secrets.hash(request.secret());
    new Caller("peer " + node)
        .call(
            () -> {
              Answer answer =
                  ask(t -> new HubEvent.UseProviderInvite(t, hash, node, request.offer()));
              if (answer instanceof Answer.Failed failed) {
                audit.tellOften("invite.use", "provider " + node, failed.code().name());
              }
              expectDone(answer);
              return true;
            });
  }

  private Answer ask(LongFunction<HubEvent> event) throws InterruptedException {
    return loop.request(event);
  }

  private static TaskView view(Answer answer) {
    return switch (answer) {
      case Answer.Task(TaskView view) -> view;
      case Answer.Failed(var code, var message, var hint) ->
          throw new AtollException(code, message, hint);
      case Answer.Done _, Answer.Repeated _, Answer.NotLive _ ->
          throw new IllegalStateException("the machine answered " + answer + " for a task");
    };
  }

  static void expectDone(Answer answer) {
    if (answer instanceof Answer.Failed(var code, var message, var hint)) {
      throw new AtollException(code, message, hint);
    }
  }

  /// Stops deciding; tasks go on at their providers.
  @Override
  public void close() {
    ports.close();
    trips.close();
    audit.close();
    loop.close();
    sessions.endAll();
    store.close();
  }

  private final class FromHub implements Machines.Known {
    @Override
    public NodeView node(String node) {
      return Hub.this.node(node);
    }

    @Override
    public MachineDesk.Contact contact(PeerId node) {
      NodeRow row = joined.get(node);
      String end = node.equals(host.id()) ? ownEnd() : observed.end(node);
      return new MachineDesk.Contact(
          end == null ? "" : end,
          row == null
              ? List.of()
              : row.offer().labels().entrySet().stream()
                  .map(label -> label.getKey() + "=" + label.getValue())
                  .sorted()
                  .toList());
    }

    /// A provider of this very process is reached where this one listens.
    private @Nullable String ownEnd() {
      for (String address : host.listening()) {
        String end = Observed.hostAndPort(Multiaddr.parse(address));
        if (end != null) {
          return end;
        }
      }
      return null;
    }

    @Override
    public boolean connected(PeerId node) {
      return sessions.has(node);
    }

    @Override
    public List<TaskView> tasks() {
      return loop.ask((machine, _) -> machine.tasks());
    }

    @Override
    public void misread(PeerId node, String what) {
      loop.happened(new HubEvent.Misread(node, what));
    }
  }

  private final class FromNodes implements NodeSessions.Listener {
    @Override
    public void received(PeerId node, long session, ToHub said) {
      ToHub message = observed.with(node, said);
      if (message instanceof ToHub.Hello hello) {
        trips.begin(node);
        loop.happened(
            (machine, read) -> {
              List<TaskRow> ended = new ArrayList<>();
              for (RunReport report : hello.runs()) {
                TaskId task = report.run().task();
                if (!machine.isLive(task)) {
                  read.read(new Query.TaskById(task)).ifPresent(ended::add);
                }
              }
              return HubEvent.of(node, session, hello, ended);
            });
      } else {
        loop.happened(HubEvent.of(node, session, message, List.of()));
      }
    }

    @Override
    public void disconnected(PeerId node, long session) {
      if (!sessions.has(node)) {
        trips.end(node);
      }
      loop.happened(new HubEvent.Disconnected(node, session));
    }
  }

  private final class FromLoop implements HubLoop.Effects {
    @Override
    public void act(HubAction action) {
      switch (action) {
        case HubAction.Send(var node, var session, var message) ->
            sessions.send(node, session, message);
        case HubAction.Own(var now, var mtu, var reach, var devices) -> {
          Own node = own;
          if (node != null) {
            node.put(now, mtu, reach, devices);
          }
        }
        case HubAction.OwnGone(var network) -> {
          Own node = own;
          if (node != null) {
            node.leave(network);
            ownSaid.left(network);
          }
        }
        case HubAction.SendNetworks told ->
            sessions.send(told.node(), told.session(), seals.message(told));
        case HubAction.Close(var node, var session) -> sessions.end(node, session);
        case HubAction.Reply _ -> throw new IllegalStateException("the loop answers callers");
      }
    }

    @Override
    public void committed(List<Decision> group, long lastSeq) {
      for (Decision decision : group) {
        for (Change change : decision.changes()) {
          if (change instanceof Change.PutRun(RunRow run)) {
            ports.follow(run);
          } else if (change instanceof Change.PutKey(KeyRow key)) {
            known(key);
          } else if (change instanceof Change.PutNode(NodeRow node)) {
            joined.put(node.id(), node);
          } else if (change instanceof Change.DeleteNode(PeerId node)) {
            joined.remove(node);
          }
        }
      }
      signal.reached(lastSeq);
    }

    @Override
    public void reloaded() {
      sessions.endAll();
      ownSaid.again();
    }
  }
}
