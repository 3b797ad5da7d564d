package io.atoll.client;

import io.atoll.client.api.AdvertList;
import io.atoll.client.api.AdvertView;
import io.atoll.client.api.AppRequest;
import io.atoll.client.api.AuditEndView;
import io.atoll.client.api.AuditPage;
import io.atoll.client.api.EventView;
import io.atoll.client.api.ExecRequest;
import io.atoll.client.api.ExecView;
import io.atoll.client.api.HubList;
import io.atoll.client.api.HubView;
import io.atoll.client.api.InviteList;
import io.atoll.client.api.InviteRequest;
import io.atoll.client.api.InviteView;
import io.atoll.client.api.JoinRequest;
import io.atoll.client.api.KeyList;
import io.atoll.client.api.KeyView;
import io.atoll.client.api.MachineView;
import io.atoll.client.api.NodeList;
import io.atoll.client.api.NodeTasks;
import io.atoll.client.api.NodeUsage;
import io.atoll.client.api.NodeView;
import io.atoll.client.api.OutputEvents;
import io.atoll.client.api.PingView;
import io.atoll.client.api.Problem;
import io.atoll.client.api.RedeemRequest;
import io.atoll.client.api.RedeemView;
import io.atoll.client.api.SnapshotList;
import io.atoll.client.api.SnapshotRequest;
import io.atoll.client.api.SnapshotView;
import io.atoll.client.api.TaskPage;
import io.atoll.client.api.TaskRequest;
import io.atoll.client.api.TaskStats;
import io.atoll.client.api.TaskView;
import io.atoll.client.api.VersionView;
import io.atoll.client.request.Shown;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.exec.ExecLine;
import io.atoll.core.json.Json;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.TaskId;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A hub, as a caller sees it: one blocking method per operation of the contract. Every failure
/// is an `AtollException` with the hub's own code and texts, or UNREACHABLE.
///
/// Safe for several threads. The location is asked for each request, so that a hub that comes
/// back under another port is found again.
public final class HubClient {
  /// Longer than the longest wait that a request may ask for.
  private static final Duration ANSWER = Duration.ofSeconds(75);

  /// A machine's memory is written or read meanwhile.
  private static final Duration SNAPSHOT = Duration.ofMinutes(11);

  /// A stream says something every 15 s.
  private static final Duration STREAM_SILENCE = Duration.ofSeconds(40);

  private static final Duration STREAM_PATIENCE = Duration.ofMinutes(10);
  private static final Duration SUBMIT_PATIENCE = Duration.ofSeconds(60);
  private static final String TASKS = "/api/v1/tasks";

  private final Supplier<HubLocation> location;

  /// Whether the hub ever answered: from then on a refused connection means that it restarts.
  private volatile boolean reached;

  public HubClient(Supplier<HubLocation> location) {
    this.location = location;
  }

  /// Submits a task. Over a connection that breaks it is sent again for up to a minute: the key
  /// makes that safe.
  ///
  /// @param idempotencyKey fresh for each task that is wanted
  public TaskView create(TaskRequest request, String idempotencyKey) throws InterruptedException {
    byte[] body = Json.bytes(request);
    if (body.length > 1 << 20) {
      throw new AtollException(
          ErrorCode.TOO_LARGE,
          "the request is larger than 1 MiB",
          "pass less by arguments and variables; large input belongs into an image or a file");
    }
    Resumption resumption = new Resumption(SUBMIT_PATIENCE, reached);
    while (true) {
      try {
        return call("POST", TASKS, Map.of("Idempotency-Key", idempotencyKey), body, TaskView.class);
      } catch (Wire.Broken broken) {
        resumption.works(); // it was there: from now on a refusal means that it restarts
        resumption.failed(broken);
      } catch (AtollException e) {
        resumption.failed(e);
      }
    }
  }

  /// A page of tasks, newest first.
  ///
  /// @param ended whether tasks that have ended are listed too
  public TaskPage tasks(boolean ended, @Nullable TaskId cursor, int limit) {
    String query =
        "?ended=" + ended + "&limit=" + limit + (cursor == null ? "" : "&cursor=" + cursor);
    return get(TASKS + query, TaskPage.class);
  }

  public TaskView task(String task) {
    return get(TASKS + "/" + segment(task), TaskView.class);
  }

  /// The task once it has ended, or as it stands after `wait` (at most 60 s).
  public TaskView task(String task, Duration wait) {
    return get(TASKS + "/" + segment(task) + "?wait=" + wait.toMillis() + "ms", TaskView.class);
  }

  public TaskView stop(String task) {
    return post(TASKS + "/" + segment(task) + "/stop", null, TaskView.class);
  }

  /// Asks a task to stand still, or to wait unplaced; returns at once.
  ///
  /// @param deep it should also give its memory back
  public TaskView suspend(String task, boolean deep) {
    String query = deep ? "?deep=true" : "";
    return post(TASKS + "/" + segment(task) + "/suspend" + query, null, TaskView.class);
  }

  public TaskView resume(String task) {
    return post(TASKS + "/" + segment(task) + "/resume", null, TaskView.class);
  }

  /// Begins a command beside a task's payload; safe to repeat.
  public void exec(String task, ExecRequest request) throws InterruptedException {
    byte[] body = Json.bytes(request);
    Resumption resumption = new Resumption(SUBMIT_PATIENCE, reached);
    String path = TASKS + "/" + segment(task) + "/exec";
    while (true) {
      try {
        call("POST", path, Map.of(), body, ExecView.class);
        return;
      } catch (AtollException e) {
        resumption.failed(e);
      }
    }
  }

  /// Connects to a command that was begun.
  ///
  /// @throws IOException if there is no connection now
  public ExecLine attach(String task, String session) throws IOException {
    return Upgrade.open(
        location.get(), TASKS + "/" + segment(task) + "/exec/" + segment(session), "atoll-exec");
  }

  /// A connection of TCP to a member of a network.
  ///
  /// @param host name or address of the member
  /// @throws AtollException with the hub's own code and texts if there is none
  /// @throws IOException if the hub is away
  public GateConnection dialTcp(String network, String host, int port) throws IOException {
    return GateConnection.open(location.get(), gatePath(network, "tcp", host, port));
  }

  /// A flow of datagrams to a member of a network; fails as [#dialTcp] does.
  public GateConnection dialUdp(String network, String host, int port) throws IOException {
    return GateConnection.open(location.get(), gatePath(network, "udp", host, port));
  }

  private static String gatePath(String network, String protocol, String host, int port) {
    return "/api/v1/networks/"
        + segment(network)
        + "/"
        + protocol
        + "/"
        + segment(host)
        + "/"
        + port;
  }

  /// What its newest run uses now, or has used.
  public TaskStats stats(String task) {
    return get(TASKS + "/" + segment(task) + "/stats", TaskStats.class);
  }

  /// The snapshots of its newest run, oldest first.
  public List<SnapshotView> snapshots(String task) {
    return get(snapshotsOf(task), SnapshotList.class).snapshots();
  }

  /// Returns once it is kept, which takes as long as writing the task's memory does.
  ///
  /// @param name null = made of the time
  public SnapshotView takeSnapshot(String task, @Nullable String name) {
    byte[] body = Json.bytes(new SnapshotRequest(name));
    return call("POST", snapshotsOf(task), Map.of(), body, SnapshotView.class, SNAPSHOT);
  }

  public SnapshotView restoreSnapshot(String task, String name) {
    String path = snapshotsOf(task) + "/" + segment(name) + "/restore";
    return call("POST", path, Map.of(), new byte[0], SnapshotView.class, SNAPSHOT);
  }

  public void removeSnapshot(String task, String name) {
    remove(snapshotsOf(task) + "/" + segment(name));
  }

  private static String snapshotsOf(String task) {
    return TASKS + "/" + segment(task) + "/snapshots";
  }

  public void delete(String task) {
    remove(TASKS + "/" + segment(task));
  }

  /// Passes the output of a run to a sink, until it ends or, without `follow`, until all that is
  /// there was passed. A broken connection is resumed in the same run.
  ///
  /// @param run null = the newest
  /// @return the offset behind the last byte
  public long logs(String task, @Nullable Epoch run, long offset, boolean follow, LogSink sink)
      throws InterruptedException {
    Resumption resumption = new Resumption(STREAM_PATIENCE, reached);
    Epoch resolved = run;
    boolean told = false;
    long at = offset;
    while (true) {
      String path =
          TASKS
              + "/"
              + segment(task)
              + "/logs?offset="
              + at
              + "&follow="
              + follow
              + (resolved == null ? "" : "&run=" + resolved);
      try (InputStream in = stream(path)) {
        EventReader reader = new EventReader(in);
        EventReader.Event event;
        while ((event = next(reader)) != null) {
          if (resumption.works()) {
            sink.back();
          }
          switch (event.name()) {
            case "run" -> {
              Epoch named = parse(event, OutputEvents.Run.class).run();
              if (!told) {
                sink.run(named);
                told = true;
              }
              resolved = named;
            }
            case "output" -> {
              OutputEvents.Output piece = parse(event, OutputEvents.Output.class);
              sink.output(piece);
              at = piece.offset() + piece.data().length;
            }
            case "dropped" -> {
              OutputEvents.Dropped gap = parse(event, OutputEvents.Dropped.class);
              sink.dropped(gap.from(), gap.until());
              at = gap.until();
            }
            case "end" -> {
              return at;
            }
            case "error" -> throw told(event);
            default -> {
              // from a newer hub
            }
          }
        }
        throw new Wire.Broken(location.get(), new IOException("the stream ended early"));
      } catch (IOException e) {
        lost(resumption, new Wire.Broken(location.get(), e), sink::lost);
      } catch (AtollException e) {
        lost(resumption, e, sink::lost);
      }
    }
  }

  /// Passes events to a sink, for ever with `follow`.
  ///
  /// @param after cursor; negative = from the oldest that is kept
  /// @return the cursor behind the last event
  public long events(long after, @Nullable String task, boolean follow, EventSink sink)
      throws InterruptedException {
    Resumption resumption = new Resumption(STREAM_PATIENCE, reached);
    long at = after;
    while (true) {
      String path =
          "/api/v1/events?follow="
              + follow
              + (at < 0 ? "" : "&after=" + at)
              + (task == null ? "" : "&task=" + query(task));
      try (InputStream in = stream(path)) {
        EventReader reader = new EventReader(in);
        EventReader.Event event;
        while ((event = next(reader)) != null) {
          if (resumption.works()) {
            sink.back();
          }
          switch (event.name()) {
            case "end" -> {
              return at;
            }
            case "error" -> throw told(event);
            default -> {
              EventView view = parse(event, EventView.class);
              sink.event(view);
              at = view.seq();
            }
          }
        }
        String id = reader.lastId();
        at = id == null ? at : Math.max(at, Long.parseLong(id));
        throw new Wire.Broken(location.get(), new IOException("the stream ended early"));
      } catch (IOException e) {
        lost(resumption, new Wire.Broken(location.get(), e), sink::lost);
      } catch (AtollException e) {
        lost(resumption, e, sink::lost);
      }
    }
  }

  public List<NodeView> nodes() {
    return get("/api/v1/nodes", NodeList.class).nodes();
  }

  public NodeView node(String node) {
    return get("/api/v1/nodes/" + segment(node), NodeView.class);
  }

  /// What a node's machine is, read there for this answer; as the next two.
  public MachineView machine(String node) {
    return get("/api/v1/nodes/" + segment(node) + "/inf", MachineView.class);
  }

  public NodeUsage usage(String node) {
    return get("/api/v1/nodes/" + segment(node) + "/inf/usage", NodeUsage.class);
  }

  public NodeTasks tasksOn(String node) {
    return get("/api/v1/nodes/" + segment(node) + "/inf/tasks", NodeTasks.class);
  }

  /// Round trip from the hub to a node, in milliseconds.
  public double ping(String node) {
    return post("/api/v1/nodes/" + segment(node) + "/ping", null, PingView.class).millis();
  }

  public void forget(String node) {
    remove("/api/v1/nodes/" + segment(node));
  }

  /// Makes the provider of this daemon join a hub; returns once that is on disk on both sides.
  public HubView join(JoinRequest request) {
    return post("/api/v1/hubs", request, HubView.class);
  }

  /// The hubs that the provider of this daemon joined.
  public List<HubView> hubs() {
    return get("/api/v1/hubs", HubList.class).hubs();
  }

  /// What other nodes advertise, newest first.
  ///
  /// @param search by the parameters of `AdvertMapping`
  public List<AdvertView> adverts(Map<String, String> search) {
    String text =
        search.entrySet().stream()
            .map(said -> said.getKey() + "=" + query(said.getValue()))
            .collect(Collectors.joining("&"));
    return get("/api/v1/p2p/adverts?" + text, AdvertList.class).adverts();
  }

  /// Lets a peer send deployment requests to the provider of this daemon.
  public HubView allow(String peer) {
    return post("/api/v1/hubs/" + segment(peer) + "/allow", null, HubView.class);
  }

  /// Makes the provider of this daemon leave a hub; what it ran for it is stopped.
  public void leave(String hub) {
    remove("/api/v1/hubs/" + segment(hub));
  }

  /// What this daemon has to do with other nodes, not with a hub.
  public PeerClient peers() {
    return new PeerClient(this);
  }

  /// The daemon's network of peers.
  public NetworkClient network() {
    return new NetworkClient(this);
  }

  /// The private networks of its tasks.
  public PrivateNetworkClient privateNetworks() {
    return new PrivateNetworkClient(this);
  }

  public InviteView createInvite(InviteRequest request) {
    return post("/api/v1/invites", request, InviteView.class);
  }

  public List<InviteView> invites() {
    return get("/api/v1/invites", InviteList.class).invites();
  }

  public void revokeInvite(String id) {
    remove("/api/v1/invites/" + segment(id));
  }

  /// Makes an app that proves its key.
  ///
  /// @param publicKey `ed25519:` and base64
  public KeyView createApp(String name, String publicKey) {
    return post("/api/v1/apps", new AppRequest(name, publicKey), KeyView.class);
  }

  /// Trades an app's invite for a key; needs none itself.
  public String redeem(RedeemRequest request) {
    return post("/api/v1/apps/redeem", request, RedeemView.class).key();
  }

  public List<KeyView> keys() {
    return get("/api/v1/apps/keys", KeyList.class).keys();
  }

  public void revokeKey(String id) {
    remove("/api/v1/apps/keys/" + segment(id));
  }

  /// Entries of the record of who did what, behind a number.
  ///
  /// @param limit 1 to 1,000
  public AuditPage audit(long after, int limit) {
    return get("/api/v1/audit?after=" + after + "&limit=" + limit, AuditPage.class);
  }

  /// Where that record ends now.
  public AuditEndView auditEnd() {
    return get("/api/v1/audit/end", AuditEndView.class);
  }

  /// Writes that record, as it can be checked.
  ///
  /// @throws IOException if the target cannot be written
  public void exportAudit(OutputStream target) throws IOException {
    download("/api/v1/audit/export", target);
  }

  /// Writes a copy of the hub's store.
  ///
  /// @throws IOException if the target cannot be written
  public void backup(OutputStream target) throws IOException {
    download("/api/v1/backup", target);
  }

  private void download(String path, OutputStream target) throws IOException {
    HubLocation hub = location.get();
    try (InputStream in = Wire.send(hub, "GET", path, Map.of(), null, ANSWER)) {
      byte[] buffer = new byte[1 << 16];
      while (true) {
        int count;
        try {
          count = in.read(buffer);
        } catch (IOException e) {
          throw new Wire.Broken(hub, e);
        }
        if (count < 0) {
          return;
        }
        target.write(buffer, 0, count);
      }
    }
  }

  /// What the hub runs.
  public VersionView version() {
    return get("/version", VersionView.class);
  }

  <T> T get(String path, Class<T> type) {
    return call("GET", path, Map.of(), null, type);
  }

  <T> T post(String path, @Nullable Object body, Class<T> type) {
    return call("POST", path, Map.of(), body == null ? new byte[0] : Json.bytes(body), type);
  }

  <T> T put(String path, Object body, Class<T> type) {
    return call("PUT", path, Map.of(), Json.bytes(body), type);
  }

  void remove(String path) {
    HubLocation hub = location.get();
    try (InputStream in = Wire.send(hub, "DELETE", path, Map.of(), null, ANSWER)) {
      in.skipNBytes(0);
    } catch (IOException e) {
      throw new Wire.Broken(hub, e);
    }
  }

  private <T> T call(
      String method,
      String path,
      Map<String, String> headers,
      byte @Nullable [] body,
      Class<T> type) {
    return call(method, path, headers, body, type, ANSWER);
  }

  private <T> T call(
      String method,
      String path,
      Map<String, String> headers,
      byte @Nullable [] body,
      Class<T> type,
      Duration patience) {
    HubLocation hub = location.get();
    byte[] answer;
    try (InputStream in = Wire.send(hub, method, path, headers, body, patience)) {
      answer = in.readAllBytes();
    } catch (IOException e) {
      throw new Wire.Broken(hub, e);
    }
    reached = true;
    try {
      return Json.read(answer, type);
    } catch (IOException e) {
      throw new AtollException(
          ErrorCode.VERSION_MISMATCH,
          "the answer of " + hub.api() + " to " + method + " " + path + " cannot be read",
          "check the address from " + hub.origin() + ", and that both sides have near versions",
          e);
    }
  }

  private InputStream stream(String path) {
    return Wire.send(location.get(), "GET", path, Map.of(), null, STREAM_SILENCE);
  }

  private EventReader.@Nullable Event next(EventReader reader) throws IOException {
    return reader.next();
  }

  private interface Loss {
    void tell(AtollException why);
  }

  private static void lost(Resumption resumption, AtollException why, Loss loss)
      throws InterruptedException {
    if (resumption.failed(why)) {
      loss.tell(why);
    }
  }

  private static <T> T parse(EventReader.Event event, Class<T> type) throws IOException {
    return Json.read(event.data(), type);
  }

  private static AtollException told(EventReader.Event event) throws IOException {
    Problem problem = parse(event, Problem.class);
    ErrorCode code;
    try {
      code = ErrorCode.valueOf(problem.code());
    } catch (IllegalArgumentException e) {
      code = ErrorCode.INTERNAL;
    }
    return new AtollException(code, problem.detail(), problem.hint() == null ? "" : problem.hint());
  }

  /// One segment of a path, whatever the text holds.
  static String segment(String text) {
    if (text.isEmpty() || text.equals(".") || text.equals("..")) {
      throw new AtollException(
          ErrorCode.NOT_FOUND, "nothing is called " + Shown.quoted(text), "give an id or a name");
    }
    return query(text);
  }

  static String query(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
