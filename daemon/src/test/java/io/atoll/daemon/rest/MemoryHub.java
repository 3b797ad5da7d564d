package io.atoll.daemon.rest;

import io.atoll.client.api.DeviceInvite;
import io.atoll.client.api.DeviceView;
import io.atoll.client.api.EgressRuleUse;
import io.atoll.client.api.EgressSum;
import io.atoll.client.api.EgressUse;
import io.atoll.client.api.EgressView;
import io.atoll.client.api.EventView;
import io.atoll.client.api.ExecRequest;
import io.atoll.client.api.InviteView;
import io.atoll.client.api.MemberView;
import io.atoll.client.api.NetworkView;
import io.atoll.client.api.NodeView;
import io.atoll.client.api.SnapshotList;
import io.atoll.client.api.SnapshotView;
import io.atoll.client.api.TaskSpec;
import io.atoll.client.api.TaskState;
import io.atoll.client.api.TaskStats;
import io.atoll.client.api.TaskView;
import io.atoll.client.api.Waiting;
import io.atoll.client.request.NetMapping;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.exec.ExecLine;
import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Cidr;
import io.atoll.core.term.Endpoint;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.Invite;
import io.atoll.core.term.IpAddress;
import io.atoll.core.term.NetworkId;
import io.atoll.core.term.OutputChunk;
import io.atoll.core.term.Port;
import io.atoll.core.term.Resources;
import io.atoll.core.term.SnapshotName;
import io.atoll.core.term.TaskId;
import io.atoll.daemon.hub.AppLogins;
import io.atoll.daemon.hub.AuditDesk;
import io.atoll.daemon.hub.DeviceDesk;
import io.atoll.daemon.hub.HubApi;
import io.atoll.daemon.hub.MachineDesk;
import io.atoll.daemon.store.KeyRow;
import io.atoll.daemon.store.Query.EventPage;
import io.atoll.market.activity.SnapshotMessage.Verb;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A hub in memory that a test plays by hand: it keeps the promises of `HubApi` but runs nothing.
/// `place`, `write`, `exit` are what a provider would do. One lock guards everything.
final class MemoryHub implements HubApi {
  static final String SECRET = "atk_the-key-of-the-test";
  static final PeerId NODE = new PeerId("12D3KooWGzBXdBD8hGGHuvDGo7vZpLGVPqMjBWkCgMNKB1nXfWTy");

  private static final class Task {
    boolean deep;
    final TaskId id;
    final TaskSpec spec;
    final Instant created = Instant.now();
    final Map<Epoch, Run> runs = new HashMap<>();
    TaskState state = TaskState.QUEUED;
    Epoch epoch = Epoch.NONE;
    String detail = "waits for a node";
    @Nullable Waiting waiting;
    @Nullable Integer exitCode;
    @Nullable String exitDetail;
    @Nullable Instant ended;
    final List<SnapshotView> snapshots = new ArrayList<>();
    List<Endpoint> endpoints = List.of();

    Task(TaskId id, TaskSpec spec) {
      this.id = id;
      this.spec = spec;
    }
  }

  private static final class Run {
    final List<OutputChunk> chunks = new ArrayList<>();
    long end;
    long dropped;
    boolean ended;
  }

  private record Remembered(String bodyHash, TaskId task) {}

  private final Random random = new Random(42);
  private final Map<TaskId, Task> tasks = new LinkedHashMap<>();
  private final List<EventView> events = new ArrayList<>();
  private final Map<String, Remembered> idempotency = new HashMap<>();
  private final Map<String, KeyRow> keys = new LinkedHashMap<>();
  private final Map<String, InviteView> invites = new LinkedHashMap<>();
  private final Map<String, NodeView> nodes = new LinkedHashMap<>();
  private long seq;
  private long oldest = 1;
  private long counter;

  /// The record, as a hub keeps it, of what is told through the desk.
  final MemoryAudit audit = new MemoryAudit();

  @Override
  public AuditDesk audit() {
    return audit;
  }

  /// Called with the lock held for each new task, to play its life at once.
  volatile java.util.function.@Nullable BiConsumer<MemoryHub, TaskId> script;

  volatile List<String> notReady = List.of();
  volatile @Nullable RuntimeException outputFailure;

  /// How often somebody asked for output.
  final AtomicInteger outputs = new AtomicInteger();

  /// How often `submit` ran.
  volatile int submits;

  MemoryHub() {
    keys.put(SECRET, new KeyRow("k1", "test", "-", Instant.now(), null));
    Resources total = new Resources(4000, 8L << 30, 100L << 30);
    nodes.put(
        "reef",
        new NodeView(
            NODE,
            "reef",
            "ONLINE",
            "0.1.0",
            "linux",
            "amd64",
            total,
            total,
            List.of("process", "docker"),
            List.of(),
            0,
            1.25,
            Instant.now(),
            Instant.now()));
  }

  // What a provider would do

  synchronized void place(TaskId id) {
    Task task = tasks.get(id);
    task.epoch = new Epoch(1, ++counter);
    task.runs.put(task.epoch, new Run());
    task.state = TaskState.RUNNING;
    task.detail = "runs on reef";
    task.waiting = null;
    event("run.placed", task, "placed on reef");
  }

  synchronized void waits(TaskId id, Waiting why) {
    tasks.get(id).waiting = why;
    event("task.waiting", tasks.get(id), why.summary());
  }

  synchronized void write(TaskId id, OutputChunk.Stream stream, byte[] data) {
    Run run = run(id);
    run.chunks.add(new OutputChunk(run.end, stream, Instant.now(), data));
    run.end += data.length;
    notifyAll();
  }

  void print(TaskId id, String text) {
    write(id, OutputChunk.Stream.STDOUT, text.getBytes(StandardCharsets.UTF_8));
  }

  /// Forgets the output before an offset that begins a chunk.
  synchronized void drop(TaskId id, long until) {
    Run run = run(id);
    run.chunks.removeIf(chunk -> chunk.offset() < until);
    run.dropped = until;
  }

  synchronized void endRun(TaskId id) {
    run(id).ended = true;
    notifyAll();
  }

  synchronized void exit(TaskId id, int code, @Nullable String detail) {
    Task task = tasks.get(id);
    if (task.epoch != Epoch.NONE) {
      run(id).ended = true;
    }
    task.exitCode = code;
    task.exitDetail = detail;
    task.ended = Instant.now();
    task.state =
        task.state == TaskState.STOPPING
            ? TaskState.STOPPED
            : code == 0 ? TaskState.SUCCEEDED : TaskState.FAILED;
    task.detail = "exited " + code;
    event("run.exited", task, "exited " + code);
  }

  synchronized void publish(TaskId id, Port port, int hostPort) {
    tasks.get(id).endpoints = List.of(new Endpoint(port, "127.0.0.1", hostPort));
  }

  synchronized void trimEvents(long until) {
    events.removeIf(event -> event.seq() < until);
    oldest = until;
  }

  synchronized TaskId only() {
    return tasks.keySet().iterator().next();
  }

  synchronized List<TaskId> all() {
    return List.copyOf(tasks.keySet());
  }

  synchronized TaskSpec specOf(TaskId id) {
    return tasks.get(id).spec;
  }

  private Run run(TaskId id) {
    Task task = tasks.get(id);
    return task.runs.get(task.epoch);
  }

  private void event(String type, @Nullable Task task, String detail) {
    events.add(
        new EventView(
            ++seq,
            Instant.now(),
            type,
            task == null ? null : task.id,
            null,
            task == null || task.epoch == Epoch.NONE ? null : task.epoch,
            detail));
    notifyAll();
  }

  // HubApi

  @Override
  public synchronized Optional<KeyRow> authenticate(String secret) {
    if (AppLogins.isToken(secret)) {
      return logins.holder(secret);
    }
    return Optional.ofNullable(keys.get(secret)).filter(key -> key.revokedAt() == null);
  }

  private final AppLogins logins =
      new AppLogins(
          Identity.ofSeed(new byte[32]),
          new AppLogins.Apps() {
            @Override
            public Optional<KeyRow> byPublicKey(byte[] publicKey) {
              return app(Base64.getEncoder().encodeToString(publicKey));
            }

            @Override
            public Optional<KeyRow> byId(String id) {
              return keys().stream().filter(key -> key.id().equals(id)).findFirst();
            }
          },
          InstantSource.system());

  private Optional<KeyRow> app(String publicKey) {
    return keys().stream().filter(key -> publicKey.equals(key.publicKey())).findFirst();
  }

  @Override
  public AppLogins logins() {
    return logins;
  }

  @Override
  public synchronized KeyRow createApp(String name, byte[] publicKey) {
    String text = Base64.getEncoder().encodeToString(publicKey);
    if (app(text).isPresent()) {
      throw new AtollException(ErrorCode.CONFLICT, "there is such an app", "use it");
    }
    KeyRow key = new KeyRow("a" + (keys.size() + 1), name, "", Instant.now(), null, text);
    keys.put("public " + text, key);
    return key;
  }

  @Override
  public synchronized TaskView submit(
      TaskSpec spec, String keyId, @Nullable String idempotencyKey, String bodyHash) {
    submits++;
    if (idempotencyKey != null) {
      Remembered before = idempotency.get(keyId + " " + idempotencyKey);
      if (before != null) {
        if (!before.bodyHash.equals(bodyHash)) {
          throw new AtollException(
              ErrorCode.CONFLICT,
              "this Idempotency-Key was used for another request",
              "use a new one");
        }
        return view(tasks.get(before.task), false);
      }
    }
    if (spec.name() != null
        && tasks.values().stream()
            .anyMatch(t -> spec.name().equals(t.spec.name()) && !t.state.ended())) {
      throw new AtollException(
          ErrorCode.CONFLICT, "there is a task named " + spec.name(), "choose another name");
    }
    Task task = new Task(TaskId.random(random), spec);
    tasks.put(task.id, task);
    if (idempotencyKey != null) {
      idempotency.put(keyId + " " + idempotencyKey, new Remembered(bodyHash, task.id));
    }
    event("task.created", task, "created by key " + keyId);
    TaskView created = view(task, false);
    var play = script;
    if (play != null) {
      play.accept(this, task.id);
    }
    return created;
  }

  @Override
  public synchronized TaskView task(String task) {
    return view(find(task), true);
  }

  @Override
  public synchronized List<TaskView> tasks(boolean ended, @Nullable TaskId before, int limit) {
    List<Task> newest = new ArrayList<>(tasks.values()).reversed();
    boolean begun = before == null;
    List<TaskView> page = new ArrayList<>();
    for (Task task : newest) {
      if (begun && page.size() < limit && (ended || !task.state.ended())) {
        page.add(view(task, false));
      }
      begun |= task.id.equals(before);
    }
    return page;
  }

  @Override
  public synchronized TaskView stop(String name) {
    Task task = find(name);
    if (!task.state.ended()) {
      task.state = TaskState.STOPPING;
      event("task.stopping", task, "asked to stop");
      if (task.epoch.equals(Epoch.NONE)) {
        exit(task.id, 143, "stopped before it began");
      }
    }
    return view(task, false);
  }

  @Override
  public synchronized void exec(String name, ExecRequest request) {
    find(name);
    throw new AtollException(ErrorCode.CONFLICT, "nothing runs here", "use a real hub");
  }

  @Override
  public synchronized ExecLine attach(String name, String session) {
    find(name);
    throw new AtollException(ErrorCode.GONE, "no session " + session, "begin one");
  }

  @Override
  public synchronized SnapshotList snapshots(
      String name, Verb verb, @Nullable SnapshotName snapshot) {
    Task task = find(name);
    SnapshotView one =
        snapshot == null ? null : new SnapshotView(snapshot, Instant.EPOCH, 64L << 20);
    boolean there = one != null && task.snapshots.contains(one);
    if ((verb == Verb.RESTORE || verb == Verb.REMOVE) && !there) {
      throw new AtollException(ErrorCode.NOT_FOUND, "there is no snapshot " + snapshot, "list");
    }
    if (verb == Verb.TAKE && there) {
      throw new AtollException(ErrorCode.CONFLICT, "there is a snapshot " + snapshot, "another");
    }
    if (verb == Verb.TAKE && one != null) {
      task.snapshots.add(one);
    }
    if (verb == Verb.REMOVE) {
      task.snapshots.remove(one);
    }
    return new SnapshotList(task.snapshots);
  }

  @Override
  public synchronized TaskStats stats(String name) {
    Task task = find(name);
    if (task.epoch.equals(Epoch.NONE)) {
      throw new AtollException(ErrorCode.CONFLICT, "task " + name + " has no run", "wait");
    }
    sampled += 500_000_000L;
    return new TaskStats(
        task.id,
        name,
        task.state,
        task.epoch,
        Instant.EPOCH.plusNanos(sampled),
        task.state.ended(),
        sampled / 2,
        500,
        3L << 20,
        5L << 20,
        64L << 20,
        null,
        12L);
  }

  private long sampled;

  @Override
  public synchronized TaskView suspend(String name, boolean deep) {
    Task task = find(name);
    if (deep && task.spec.workload().driver().equals("docker")) {
      throw new AtollException(
          ErrorCode.DRIVER_CANNOT, "docker cannot give memory back", "suspend it without --deep");
    }
    task.deep |= deep;
    return pace(name, TaskState.SUSPENDED);
  }

  @Override
  public synchronized TaskView resume(String name) {
    find(name).deep = false;
    return pace(name, TaskState.RUNNING);
  }

  private TaskView pace(String name, TaskState state) {
    Task task = find(name);
    if (task.state.ended()) {
      throw new AtollException(ErrorCode.CONFLICT, "task " + name + " has ended", "run it anew");
    }
    if (!task.epoch.equals(Epoch.NONE)) {
      task.state = state;
      event("run." + state.name().toLowerCase(java.util.Locale.ROOT), task, "");
    }
    return view(task, false);
  }

  @Override
  public synchronized void delete(String name) {
    Task task = find(name);
    if (!task.state.ended()) {
      throw new AtollException(
          ErrorCode.CONFLICT, "task " + name + " has not ended", "stop it first");
    }
    tasks.remove(task.id);
  }

  @Override
  public synchronized EventPage events(long after, @Nullable TaskId task, int limit, Duration wait)
      throws InterruptedException {
    long deadline = System.nanoTime() + wait.toNanos();
    while (true) {
      if (after < oldest - 1) {
        throw new AtollException(
            ErrorCode.GONE,
            "events before " + oldest + " are no longer kept",
            "read the tasks anew");
      }
      List<EventView> page =
          events.stream()
              .filter(e -> e.seq() > after && (task == null || task.equals(e.task())))
              .limit(limit)
              .toList();
      long left = (deadline - System.nanoTime()) / 1_000_000;
      if (!page.isEmpty() || left <= 0) {
        return new EventPage(page, oldest, seq);
      }
      wait(left);
    }
  }

  @Override
  public Output output(String name, @Nullable String epoch, long offset, boolean follow) {
    Run run;
    synchronized (this) {
      Task task = find(name);
      run = task.runs.get(epoch == null ? task.epoch : Epoch.parse(epoch));
      if (run == null) {
        throw new AtollException(ErrorCode.NOT_FOUND, "there is no run " + epoch, "see task show");
      }
    }
    outputs.incrementAndGet();
    return new Output() {
      private long at = offset;

      @Override
      public OutputPart next(Duration wait) throws IOException, InterruptedException {
        RuntimeException failure = outputFailure;
        if (failure != null) {
          outputFailure = null;
          throw failure;
        }
        long deadline = System.nanoTime() + wait.toNanos();
        synchronized (MemoryHub.this) {
          while (true) {
            if (at < run.dropped) {
              long from = at;
              at = run.dropped;
              return new OutputPart.Dropped(from, run.dropped);
            }
            for (OutputChunk chunk : run.chunks) {
              if (chunk.end() > at) {
                byte[] rest =
                    java.util.Arrays.copyOfRange(
                        chunk.data(), (int) Math.max(0, at - chunk.offset()), chunk.data().length);
                long begin = Math.max(at, chunk.offset());
                at = chunk.end();
                return new OutputPart.Chunk(
                    new OutputChunk(begin, chunk.stream(), chunk.time(), rest));
              }
            }
            if (run.ended || !follow) {
              return new OutputPart.End();
            }
            long left = (deadline - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
              return new OutputPart.Nothing();
            }
            MemoryHub.this.wait(left);
          }
        }
      }

      @Override
      public void close() {}
    };
  }

  private final Map<String, NetworkView> networks = new TreeMap<>();
  private final Map<String, Map<String, MemberView>> members = new TreeMap<>();
  private final Map<String, EgressView> egress = new TreeMap<>();

  @Override
  public synchronized NetworkView createNetwork(NetMapping.Wanted wanted) {
    if (networks.containsKey(wanted.name())) {
      throw new AtollException(
          ErrorCode.CONFLICT, "a network called " + wanted.name() + " exists", "another name");
    }
    Cidr block = wanted.v4() == null ? Cidr.parse("10.96.0.0/24") : wanted.v4();
    NetworkView view =
        new NetworkView(
            NetworkId.random(random),
            wanted.name(),
            block,
            Cidr.parse("fd00::/64"),
            1420,
            wanted.name() + ".internal",
            wanted.allProviders(),
            1,
            1,
            Instant.EPOCH,
            new EgressUse(
                12,
                2048,
                3,
                180,
                4,
                1,
                List.of(new EgressRuleUse("allow 0.0.0.0/0 tcp 443", 12, 2048))));
    networks.put(wanted.name(), view);
    MemberView web =
        new MemberView(
            NODE.text(),
            "NODE",
            "reef",
            "reef." + view.domain(),
            block.base().plus(2),
            view.v6().base().plus(2),
            false,
            true,
            NODE,
            "reef",
            null,
            new EgressSum(12, 2048, 77, 180, 0));
    members.put(wanted.name(), new TreeMap<>(Map.of("reef", web)));
    return view;
  }

  @Override
  public synchronized List<NetworkView> networks() {
    return List.copyOf(networks.values());
  }

  @Override
  public synchronized NetworkView network(String network) {
    NetworkView view = networks.get(network);
    if (view == null) {
      throw new AtollException(
          ErrorCode.NOT_FOUND, "there is no network " + network, "see atoll net list");
    }
    return view;
  }

  @Override
  public synchronized List<MemberView> members(String network) {
    return List.copyOf(members.get(network(network).name()).values());
  }

  @Override
  public synchronized MemberView moveMember(String network, String member, IpAddress address) {
    Map<String, MemberView> all = members.get(network(network).name());
    MemberView old = all.get(member);
    if (old == null) {
      throw new AtollException(ErrorCode.NOT_FOUND, "nobody is called " + member, "net members");
    }
    MemberView moved =
        new MemberView(
            old.id(),
            old.kind(),
            old.name(),
            old.host(),
            address,
            old.v6(),
            true,
            true,
            old.node(),
            old.nodeName(),
            null,
            old.egress());
    all.put(member, moved);
    return moved;
  }

  private final Map<String, DeviceView> devices = new ConcurrentSkipListMap<>();

  @Override
  public DeviceDesk devices() {
    return new DeviceDesk() {
      @Override
      public DeviceInvite invite(String network, NetMapping.WantedDevice wanted) {
        NetworkView in = network(network);
        if (wanted.door() != null) {
          node(wanted.door());
        }
        if (devices.containsKey(wanted.name())) {
          throw new AtollException(
              ErrorCode.CONFLICT, "somebody is called " + wanted.name(), "another name");
        }
        DeviceView made =
            new DeviceView(
                "d00000001",
                wanted.name(),
                wanted.name() + "." + in.domain(),
                in.v4().base().plus(3),
                in.v6().base().plus(3),
                "public",
                NODE,
                wanted.door(),
                "door",
                "192.0.2.1:7465");
        devices.put(wanted.name(), made);
        return new DeviceInvite(made, "[Interface]\nPrivateKey = secret of " + made.name() + "\n");
      }

      @Override
      public List<DeviceView> list(String network) {
        network(network);
        return List.copyOf(devices.values());
      }

      @Override
      public void remove(String network, String device) {
        network(network);
        if (devices.remove(device) == null) {
          throw new AtollException(
              ErrorCode.NOT_FOUND, "there is no device " + device, "see atoll net devices");
        }
      }
    };
  }

  @Override
  public synchronized EgressView egress(String network) {
    return egress.getOrDefault(network(network).name(), new EgressView(List.of(), List.of()));
  }

  @Override
  public synchronized EgressView setEgress(String network, EgressView now) {
    egress.put(network(network).name(), now);
    return now;
  }

  @Override
  public synchronized void removeNetwork(String network) {
    networks.remove(network(network).name());
  }

  @Override
  public synchronized List<NodeView> nodes() {
    return List.copyOf(nodes.values());
  }

  @Override
  public synchronized NodeView node(String node) {
    return nodes.values().stream()
        .filter(n -> n.name().equals(node) || n.id().text().equals(node))
        .findFirst()
        .orElseThrow(
            () ->
                new AtollException(
                    ErrorCode.NOT_FOUND, "there is no node " + node, "see atoll node list"));
  }

  final MemoryMachines machines = new MemoryMachines(this);

  /// A further node.
  synchronized void put(NodeView node) {
    nodes.put(node.name(), node);
  }

  @Override
  public MachineDesk machines() {
    return machines;
  }

  @Override
  public Duration ping(String node) {
    node(node);
    return Duration.ofNanos(1_250_000);
  }

  @Override
  public synchronized void forgetNode(String node) {
    nodes.remove(node(node).name());
  }

  @Override
  public synchronized InviteView createInvite(InviteView.Role role, Duration validFor) {
    String id = "i" + (invites.size() + 1);
    Instant now = Instant.now();
    invites.put(id, new InviteView(id, role, "OPEN", now, now.plus(validFor), null, null, null));
    return new InviteView(id, role, "OPEN", now, now.plus(validFor), null, null, "ati_" + id);
  }

  @Override
  public synchronized InviteView admit(PeerId peer, Duration validFor) {
    InviteView made = createInvite(InviteView.Role.PROVIDER, validFor);
    InviteView admitted =
        new InviteView(
            made.id(), made.role(), "OPEN", made.createdAt(), made.expiresAt(), peer, null, null);
    invites.put(made.id(), admitted);
    return admitted.withInvite(Invite.pinned(peer, List.of(), "").text());
  }

  @Override
  public synchronized List<InviteView> invites() {
    return List.copyOf(invites.values());
  }

  @Override
  public synchronized void revokeInvite(String id) {
    InviteView invite = invites.get(id);
    if (invite == null) {
      throw new AtollException(
          ErrorCode.NOT_FOUND, "there is no invite " + id, "see atoll invite list");
    }
    invites.put(
        id,
        new InviteView(
            id,
            invite.role(),
            "REVOKED",
            invite.createdAt(),
            invite.expiresAt(),
            null,
            null,
            null));
  }

  @Override
  public synchronized String redeemAppInvite(String invite, String name) {
    InviteView found = invites.get(invite.startsWith("ati_") ? invite.substring(4) : "");
    if (found == null || !found.state().equals("OPEN") || found.role() != InviteView.Role.APP) {
      throw new AtollException(
          ErrorCode.INVITE_INVALID, "this invite is not known or was used", "ask for a new one");
    }
    String secret = "atk_" + name + "_" + found.id();
    KeyRow key = new KeyRow("k" + (keys.size() + 1), name, "-", Instant.now(), null);
    keys.put(secret, key);
    invites.put(
        found.id(),
        new InviteView(
            found.id(),
            found.role(),
            "USED",
            found.createdAt(),
            found.expiresAt(),
            null,
            key.id(),
            null));
    return secret;
  }

  @Override
  public synchronized List<KeyRow> keys() {
    return List.copyOf(keys.values());
  }

  @Override
  public synchronized void revokeKey(String id) {
    for (Map.Entry<String, KeyRow> entry : keys.entrySet()) {
      KeyRow key = entry.getValue();
      if (key.id().equals(id)) {
        entry.setValue(key.revoked(Instant.now()));
        return;
      }
    }
    throw new AtollException(ErrorCode.NOT_FOUND, "there is no key " + id, "see atoll app list");
  }

  @Override
  public void backup(Path file) {
    try {
      Files.writeString(file, "a copy of the store");
    } catch (IOException e) {
      throw new AtollException(ErrorCode.DISK_FULL, "cannot write " + file, "make room", e);
    }
  }

  @Override
  public List<String> notReady() {
    return notReady;
  }

  private Task find(String name) {
    for (Task task : new ArrayList<>(tasks.values()).reversed()) {
      if (task.id.text().equals(name) || name.equals(task.spec.name())) {
        return task;
      }
    }
    throw new AtollException(
        ErrorCode.NOT_FOUND, "there is no task " + name, "`atoll ps -a` lists them");
  }

  private TaskView view(Task task, boolean withEvents) {
    boolean placed = !task.epoch.equals(Epoch.NONE);
    return new TaskView(
        task.id,
        task.spec.name(),
        task.state,
        task.spec.workload().driver(),
        task.exitCode,
        task.exitDetail,
        placed ? NODE : null,
        placed ? "reef" : null,
        placed ? "ONLINE" : null,
        placed ? task.epoch : null,
        task.endpoints,
        task.detail,
        task.waiting,
        task.spec,
        task.created,
        placed ? task.created : null,
        task.ended,
        withEvents ? events.stream().filter(e -> task.id.equals(e.task())).toList() : List.of(),
        task.deep);
  }
}
