package io.atoll.daemon.provider;

import io.atoll.client.api.HubView;
import io.atoll.client.request.Shown;
import io.atoll.core.crash.CrashPoint;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Endpoint;
import io.atoll.core.term.Exit;
import io.atoll.core.term.Invite;
import io.atoll.core.term.PlainText;
import io.atoll.core.term.Resources;
import io.atoll.core.term.RunId;
import io.atoll.core.time.Now;
import io.atoll.daemon.journal.Agreement;
import io.atoll.daemon.journal.Journal;
import io.atoll.daemon.journal.JournalChange;
import io.atoll.daemon.journal.NetworkRecord;
import io.atoll.daemon.journal.RunRecord;
import io.atoll.daemon.network.NetworkDesk;
import io.atoll.daemon.provider.machine.ProviderAction;
import io.atoll.daemon.provider.machine.ProviderConfig;
import io.atoll.daemon.provider.machine.ProviderDecision;
import io.atoll.daemon.provider.machine.ProviderEvent;
import io.atoll.daemon.provider.machine.ProviderMachine;
import io.atoll.daemon.store.StoreException;
import io.atoll.market.activity.NetworkEgress;
import io.atoll.market.activity.RunState;
import io.atoll.market.activity.ToProvider;
import io.atoll.market.advert.AdvertData;
import io.atoll.market.agreement.Offer;
import io.atoll.market.agreement.Terms;
import io.atoll.market.payment.Payments;
import io.atoll.p2p.host.Host;
import io.atoll.runtime.driver.Driver;
import io.atoll.vpn.device.SignedDevices;
import io.atoll.vpn.network.NodeKey;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The provider role. One thread takes everything that happens, lets the machine decide, journals
/// the decisions as one group, and only then acts.
public final class Provider implements ProviderApi, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Provider.class);
  private static final int MAX_BATCH = 256;
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);

  /// How often hubs are told what leaves networks from here.
  private static final Duration COUNT_PAUSE = Duration.ofSeconds(2);

  /// How long a caller waits for the journal, which a full disk can hold up.
  private static final Duration JOURNAL_PATIENCE = Duration.ofSeconds(20);

  private final Host host;
  private final Journal journal;
  private final @Nullable NetworkDesk desk;
  private final @Nullable RunNetworks runNetworks;

  /// As the journal had them at the start.
  private final List<NetworkRecord> networks;

  private final Runs runs;
  private final Terms terms;
  private volatile ProviderConfig config;
  private final ProviderMachine machine;
  private final OrderedRuns ordered = new OrderedRuns();
  private final OutputService outputs;
  private final UsageService usages;
  private final MachineService machines;
  private final SnapshotService snapshots;
  private final ExecService execs;
  private final PortService ports;
  private final DeployService deploys;
  private final Payments payments;
  private final BlockingQueue<ProviderEvent> inbox = new LinkedBlockingQueue<>();
  private final Map<PeerId, Link> links = new ConcurrentHashMap<>();

  /// One joining or leaving at a time: between its look at the links and its change.
  private final ReentrantLock agreeing = new ReentrantLock();

  /// Changes that somebody waits for.
  private final Map<JournalChange, CountDownLatch> awaited = new ConcurrentHashMap<>();

  private final Set<RunId> journalled;
  private final Set<RunId> live;
  private volatile Consumer<String> unavailable = driver -> {};
  private volatile Consumer<RunId> ended = run -> {};
  private final Thread thread;

  /// This daemon's own hub, if it has that role too.
  private volatile @Nullable PeerId own;

  private volatile @Nullable String trouble;

  /// What is not reserved, as of the last event.
  private volatile Resources free;

  /// When it was last looked at what leaves networks from here (monotonic); the loop's own.
  private long countedAt = System.nanoTime();

  /// One that asks for no payment and knows no networks; as the other constructor otherwise.
  public Provider(
      Host host,
      Journal journal,
      Map<String, Driver> drivers,
      ProviderConfig config,
      Terms terms,
      Path folder) {
    this(host, journal, drivers, config, terms, folder, Payments.none(), null);
  }

  /// @param config what this machine is and has
  /// @param terms what a hub that is joined from now on may do
  /// @param folder of the runs
  /// @param payments what has to be paid before a hub is joined, or a peer's job taken
  /// @param desk of this daemon's part in private networks; null = it takes part in none
  public Provider(
      Host host,
      Journal journal,
      Map<String, Driver> drivers,
      ProviderConfig config,
      Terms terms,
      Path folder,
      Payments payments,
      @Nullable NetworkDesk desk) {
    this.host = host;
    this.payments = payments;
    this.journal = journal;
    this.config = config;
    this.terms = terms;
    this.desk = desk;
    this.runNetworks = desk == null ? null : new RunNetworks(desk);
    this.runs = new Runs(drivers, folder, config.name(), new FromRuns(), runNetworks);
    Journal.Contents contents = journal.load();
    this.networks = contents.networks();
    this.machine = new ProviderMachine(host.id(), config, contents, Now.read());
    this.free = machine.free();
    this.journalled = ids(contents.runs());
    this.live = ids(machine.toRecover());
    this.outputs = new OutputService(runs, ordered);
    this.execs = new ExecService(runs, ordered);
    this.ports = new PortService(runs, ordered);
    this.usages = new UsageService(runs, ordered);
    MachineReadings readings = new MachineReadings(folder, () -> free);
    this.machines = new MachineService(this::isHub, readings, ordered);
    this.snapshots = new SnapshotService(runs, ordered);
    this.deploys = new DeployService(runs, links::get, payments);
    for (RunRecord record : contents.runs()) {
      ordered.put(record);
    }
    this.thread = Thread.ofPlatform().name("provider").unstarted(this::loop);
    for (Agreement agreement : contents.agreements()) {
      links.put(agreement.hub(), link(agreement));
    }
  }

  private Link link(Agreement agreement) {
    return switch (agreement.manner()) {
      case SESSION -> new HubLink(host, agreement, new FromLinks());
      case REQUESTS -> new Renter(agreement, new FromLinks());
    };
  }

  /// Finds the runs of the daemon before this one, then connects to the hubs.
  public Provider start() {
    outputs.serve(host);
    usages.serve(host);
    machines.serve(host);
    snapshots.serve(host);
    execs.serve(host);
    ports.serve(host);
    deploys.serve(host);
    if (desk != null) {
      desk.listen(new FromDesk());
      for (NetworkRecord record : networks) {
        SignedDevices devices = record.devices(host.id());
        desk.put(
            record.membership(),
            record.mtu(),
            record.reach(),
            devices == null ? List.of() : devices.devices());
      }
      desk.greet();
      links.values().forEach(link -> meetAt(link.agreement()));
      inbox.add(new ProviderEvent.NetworkAddresses(desk.addresses()));
    }
    for (RunRecord record : machine.toRecover()) {
      runs.recover(record.order());
    }
    thread.start();
    links.values().forEach(Link::start);
    return this;
  }

  /// A hub lets its nodes meet where nothing else leads from one to the other.
  private void meetAt(Agreement agreement) {
    if (desk != null && agreement.manner() == Agreement.Manner.SESSION) {
      desk.meetAt(agreement.hub(), agreement.addresses());
    }
  }

  /// Joins a hub; returns once that is on disk on both sides. Joining again changes the terms.
  @Override
  public HubView join(Invite invite) throws InterruptedException {
    if (invite.hub().equals(host.id())) {
      throw new AtollException(
          ErrorCode.CONFLICT,
          "this invite was given by this very daemon",
          "use it on another machine: `atoll join INVITE` there");
    }
    Payments.Admitted paid = payments.admit(invite.hub(), "hub", invite.payment());
    Agreement agreement;
    try {
      agreement = Joiner.join(host, invite, offer());
    } catch (AtollException e) {
      payments.giveBack(paid);
      throw e;
    }
    return agree(agreement);
  }

  /// Lets a peer that is no hub send deployment requests, under the same terms as a hub's orders;
  /// returns once that is on disk.
  @Override
  public HubView allow(PeerId peer) throws InterruptedException {
    Link known = links.get(peer);
    if (peer.equals(host.id()) || known instanceof HubLink) {
      throw new AtollException(
          ErrorCode.CONFLICT,
          "this provider works for " + peer + " as its hub",
          "give the work to that hub, or leave it first: `atoll hub leave " + peer + "`");
    }
    if (known != null && known.agreement().terms().equals(terms)) {
      return view(known);
    }
    return agree(Agreement.ofRequests(peer, terms, Instant.now()));
  }

  private HubView agree(Agreement agreement) throws InterruptedException {
    settle(new ProviderEvent.Joined(agreement), new JournalChange.PutAgreement(agreement));
    Link link = links.get(agreement.hub());
    return link == null ? view(agreement, false, "just left") : view(link);
  }

  @Override
  public void leave(String hub) throws InterruptedException {
    PeerId peer;
    try {
      peer = new PeerId(hub);
    } catch (IllegalArgumentException e) {
      throw notJoined(hub, e);
    }
    if (peer.equals(own)) {
      throw new AtollException(
          ErrorCode.CONFLICT,
          "that hub is this daemon itself",
          "start the daemon with --provider alone, then leave it");
    }
    if (!links.containsKey(peer)) {
      throw notJoined(hub, null);
    }
    settle(new ProviderEvent.Left(peer), new JournalChange.DropAgreement(peer));
  }

  private static AtollException notJoined(String hub, @Nullable Exception cause) {
    return new AtollException(
        ErrorCode.NOT_FOUND,
        "this provider has not joined a hub " + Shown.quoted(hub),
        "`atoll hub list` shows those that it joined, by peer id",
        cause);
  }

  /// Whether an agreement with that hub stands.
  public boolean knows(PeerId hub) {
    return links.containsKey(hub);
  }

  /// Whether that peer may give orders here and ask what this machine is.
  private boolean isHub(PeerId peer) {
    Link link = links.get(peer);
    return link != null && link.agreement().manner() == Agreement.Manner.SESSION;
  }

  /// Notes the agreement with this daemon's own hub and keeps a session under it. It is made again
  /// at each start, so nobody waits for it.
  public void joined(Agreement agreement) {
    own = agreement.hub();
    inbox.add(new ProviderEvent.Joined(agreement));
  }

  /// Lets an event happen and returns once the change that follows from it is on disk.
  private void settle(ProviderEvent event, JournalChange change) throws InterruptedException {
    agreeing.lockInterruptibly();
    try {
      if (change instanceof JournalChange.DropAgreement(PeerId hub) && !links.containsKey(hub)) {
        return; // somebody else was faster
      }
      CountDownLatch written = new CountDownLatch(1);
      awaited.put(change, written);
      inbox.add(event);
      if (!written.await(JOURNAL_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        awaited.remove(change);
        String why = trouble;
        throw new AtollException(
            why == null ? ErrorCode.TIMEOUT : ErrorCode.DISK_FULL,
            "the journal was not written within "
                + JOURNAL_PATIENCE.toSeconds()
                + " s"
                + (why == null ? "" : ": " + why),
            "it will be as soon as that is possible; look with `atoll hub list`");
      }
    } finally {
      agreeing.unlock();
    }
  }

  /// How it stands with each hub.
  @Override
  public List<HubView> hubs() {
    return links.values().stream()
        .map(Provider::view)
        .sorted(Comparator.comparing(HubView::joinedAt))
        .toList();
  }

  private static HubView view(Link link) {
    return view(link.agreement(), link.connected(), link.status());
  }

  private static HubView view(Agreement agreement, boolean connected, String status) {
    return new HubView(
        agreement.hub(),
        connected,
        status,
        agreement.addresses(),
        agreement.terms().drivers(),
        agreement.terms().bare(),
        agreement.terms().egress(),
        agreement.joinedAt());
  }

  /// Whether it takes part in private networks.
  public boolean inNetworks() {
    return desk != null;
  }

  /// What works on this machine changed: its hubs hear of it.
  public void changed(ProviderConfig now) {
    config = now;
    inbox.add(new ProviderEvent.OfferChanged(now));
  }

  /// What this machine is and has, as of now.
  public ProviderConfig config() {
    return config;
  }

  /// Told, by its name, of a driver that could not be used at all. Called on a run's thread.
  public void onUnavailable(Consumer<String> told) {
    unavailable = told;
  }

  /// Told of every run that has ended, or could not begin. Called on the run's thread.
  public void onEnded(Consumer<RunId> told) {
    ended = told;
  }

  /// The runs that the daemon before this one knew, also those that had ended: their output is kept
  /// until their hub deletes them.
  public Set<RunId> journalled() {
    return journalled;
  }

  /// Those of them that had not ended.
  public Set<RunId> live() {
    return live;
  }

  private static Set<RunId> ids(Collection<RunRecord> records) {
    return records.stream()
        .map(record -> record.order().run())
        .collect(Collectors.toUnmodifiableSet());
  }

  /// Whether a driver is still to say what became of one of those.
  public boolean recovering(String driver) {
    return runs.recovering(driver);
  }

  /// Shows the runs that wait for an image how its fetching goes.
  public void pulling(String image, String detail) {
    runs.pulling(image, detail);
  }

  /// Shows how far a run's machine is.
  ///
  /// @param detail empty where the run's state says it all
  public void phase(RunId run, String detail) {
    runs.phase(run, detail);
  }

  /// How it stands with the machine itself has changed; see `ProviderEvent.Machine`.
  public void machine(@Nullable String owner, @Nullable String busy) {
    inbox.add(new ProviderEvent.Machine(owner, busy));
  }

  public Offer offer() {
    ProviderConfig now = config;
    return new Offer(
        now.name(),
        now.version(),
        now.os(),
        now.arch(),
        now.total(),
        now.drivers(),
        now.missing(),
        now.labels(),
        terms,
        now.deep(),
        now.networking());
  }

  public Terms terms() {
    return terms;
  }

  /// What hubs that this provider never met may know of it.
  ///
  /// @param addresses where it may be dialled
  public AdvertData.OfProvider advert(List<String> addresses) {
    ProviderConfig now = config;
    Resources total = now.total();
    return new AdvertData.OfProvider(
        AdvertData.word(now.name()),
        AdvertData.word(now.version()),
        AdvertData.word(now.os()),
        AdvertData.word(now.arch()),
        total,
        total.minus(total.minus(free)), // the share may be smaller by now
        now.drivers().stream().filter(terms.drivers()::contains).limit(AdvertData.MOST).toList(),
        now.labels().entrySet().stream()
            .filter(label -> isWord(label.getKey()) && isWord(label.getValue()))
            .limit(AdvertData.MOST)
            .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue)),
        addresses.stream().limit(AdvertData.MOST).toList());
  }

  private static boolean isWord(String text) {
    return text.length() <= AdvertData.LONGEST_WORD
        && text.codePoints().noneMatch(PlainText::hidden);
  }

  /// What keeps it from doing its work; empty = nothing.
  public List<String> notReady() {
    String now = trouble;
    return now == null ? List.of() : List.of(now);
  }

  private void loop() {
    List<ProviderEvent> batch = new ArrayList<>();
    List<ProviderDecision> decided = new ArrayList<>();
    try {
      while (true) {
        ProviderEvent first =
            inbox.poll(machine.idle(Now.read()).toMillis() + 1, TimeUnit.MILLISECONDS);
        batch.clear();
        batch.add(first == null ? new ProviderEvent.Tick() : first);
        if (System.nanoTime() - countedAt >= COUNT_PAUSE.toNanos()) {
          countedAt = System.nanoTime();
          countEgress();
        }
        inbox.drainTo(batch, MAX_BATCH - 1);
        decided.clear();
        Now now = Now.read();
        for (ProviderEvent event : batch) {
          decided.add(machine.step(now, event));
        }
        free = machine.free();
        CrashPoint.PROVIDER_DECIDED.reach();
        write(decided);
        CrashPoint.PROVIDER_JOURNALLED.reach();
        for (ProviderDecision decision : decided) {
          decision.actions().forEach(this::act);
        }
        CrashPoint.PROVIDER_ACTED.reach();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.error("the provider's loop failed; the daemon ends so that a new one starts clean", e);
      Runtime.getRuntime().halt(70);
    }
  }

  /// Has the hubs told what leaves their networks from here, and what may not.
  private void countEgress() {
    List<NetworkEgress> counted = desk == null ? List.of() : desk.egress();
    if (!counted.isEmpty()) {
      inbox.add(new ProviderEvent.NetworkEgresses(counted));
    }
  }

  /// Journals the decisions. A full disk holds the provider up, and nothing else: what was decided
  /// is not done before it is written, and is written once there is room. The hubs hear meanwhile
  /// that it lives.
  private void write(List<ProviderDecision> decided) throws InterruptedException {
    List<JournalChange> changes = new ArrayList<>();
    decided.forEach(decision -> changes.addAll(decision.changes()));
    while (!changes.isEmpty()) {
      try {
        journal.commit(changes);
        trouble = null;
        for (JournalChange change : changes) {
          note(change);
          CountDownLatch written = awaited.remove(change);
          if (written != null) {
            written.countDown();
          }
        }
        return;
      } catch (StoreException e) {
        if (trouble == null) {
          LOG.error("cannot write the journal, nothing new is started: {} {}", e.text(), e.hint());
        }
        trouble = e.text();
        machine.beats(Now.read()).forEach(this::act);
        Thread.sleep(PAUSE_AFTER_FAILURE);
      }
    }
  }

  /// Follows what is on disk.
  private void note(JournalChange change) {
    switch (change) {
      case JournalChange.PutRun(RunRecord record) -> ordered.put(record);
      case JournalChange.DropRun(var task) -> ordered.drop(task);
      case JournalChange.PutAgreement(Agreement agreement) -> {
        Link link = link(agreement);
        Link older = links.put(agreement.hub(), link);
        if (older != null) {
          older.close();
        }
        link.start();
        meetAt(agreement);
      }
      case JournalChange.PutNetwork _, JournalChange.DropNetwork _ -> {}
      case JournalChange.DropAgreement(PeerId hub) -> {
        Link link = links.remove(hub);
        if (link != null) {
          link.close();
        }
      }
    }
  }

  private void act(ProviderAction action) {
    switch (action) {
      case ProviderAction.StartRun(var order) -> runs.start(order);
      case ProviderAction.StopRun(var run, var grace, var cause) -> runs.stop(run, grace, cause);
      case ProviderAction.SuspendRun(var run, var deep) -> runs.suspend(run, deep);
      case ProviderAction.ResumeRun(var run) -> runs.resume(run);
      case ProviderAction.DropFolder(var task, var workload) -> runs.drop(task, workload);
      case ProviderAction.PutNetwork(var membership, var mtu, var reach, var devices) -> {
        if (desk != null) {
          desk.put(membership, mtu, reach, devices);
          runs.moved(membership);
        }
      }
      case ProviderAction.LeaveNetwork(var network) -> {
        if (desk != null) {
          desk.leave(network);
        }
      }
      case ProviderAction.Reach(var reach) -> {
        if (desk != null) {
          desk.reach(reach);
        }
      }
      case ProviderAction.Complain(var what) -> LOG.warn("{}", what);
      case ProviderAction.Send(var hub, var session, var message) -> {
        Link link = links.get(hub);
        if (link != null) {
          link.send(session, message);
        }
      }
      case ProviderAction.Close(var hub, var session, var reason) -> {
        Link link = links.get(hub);
        if (link != null) {
          link.end(session, reason);
        }
      }
    }
  }

  /// Stops deciding. Runs go on; the next daemon finds them.
  @Override
  public void close() {
    links.values().forEach(Link::close);
    thread.interrupt();
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    journal.close();
  }

  private final class FromLinks implements Link.Listener {
    @Override
    public void up(PeerId hub, long session) {
      inbox.add(new ProviderEvent.SessionUp(hub, session));
    }

    @Override
    public void received(PeerId hub, long session, ToProvider message) {
      inbox.add(new ProviderEvent.FromHub(hub, session, message));
    }

    @Override
    public void down(PeerId hub, long session) {
      inbox.add(new ProviderEvent.SessionDown(hub, session));
    }
  }

  private final class FromDesk implements NetworkDesk.Listener {
    @Override
    public void key(NodeKey key) {
      inbox.add(new ProviderEvent.NetworkKey(key));
    }

    @Override
    public void door(NodeKey key) {
      inbox.add(new ProviderEvent.NetworkDoor(key));
    }

    @Override
    public void addresses(List<String> now) {
      inbox.add(new ProviderEvent.NetworkAddresses(now));
    }
  }

  private final class FromRuns implements ActivityRunner.Listener {
    @Override
    public void recovered(RunId run, boolean found) {
      inbox.add(
          new ProviderEvent.Recovered(
              run, found ? ProviderEvent.Finding.FOUND : ProviderEvent.Finding.NEVER_STARTED));
    }

    @Override
    public void starting(RunId run, String detail) {
      inbox.add(new ProviderEvent.RunnerProgress(run, RunState.STARTING, detail, null, List.of()));
    }

    @Override
    public void unavailable(String driver) {
      unavailable.accept(driver);
    }

    @Override
    public void running(RunId run, @Nullable Instant startedAt, List<Endpoint> endpoints) {
      progress(run, RunState.RUNNING, startedAt, endpoints);
    }

    @Override
    public void suspended(RunId run, boolean suspended, boolean deep, List<Endpoint> endpoints) {
      RunState state = suspended ? RunState.SUSPENDED : RunState.RUNNING;
      inbox.add(new ProviderEvent.RunnerProgress(run, state, "", null, endpoints, deep));
    }

    @Override
    public void detail(RunId run, String detail) {
      inbox.add(new ProviderEvent.RunnerDetail(run, detail));
    }

    private void progress(
        RunId run, RunState state, @Nullable Instant startedAt, List<Endpoint> endpoints) {
      inbox.add(new ProviderEvent.RunnerProgress(run, state, "", startedAt, endpoints));
    }

    @Override
    public void exited(RunId run, Exit exit, @Nullable Instant endedAt) {
      countEgress(); // where it was the last here, the node leaves its networks
      inbox.add(new ProviderEvent.RunnerExited(run, exit, endedAt));
      ended.accept(run);
    }
  }
}
