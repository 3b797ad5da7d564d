package io.atoll.daemon.provider.machine;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.Exit;
import io.atoll.core.term.Resources;
import io.atoll.core.term.TaskId;
import io.atoll.core.time.Now;
import io.atoll.daemon.journal.Agreement;
import io.atoll.daemon.journal.Journal;
import io.atoll.daemon.journal.JournalChange;
import io.atoll.daemon.journal.RunRecord;
import io.atoll.market.activity.ActivityProtocol;
import io.atoll.market.activity.Order;
import io.atoll.market.activity.RunReport;
import io.atoll.market.activity.ToHub;
import io.atoll.market.activity.ToProvider;
import io.atoll.market.agreement.Offer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// The provider as a function of its memory and one event. Owned by one thread.
///
/// ```
/// desired set of a hub ─→ settle each task ─→ journal ─→ start, stop, suspend, resume
/// runner's progress    ─→ journal ─→ report, repeated in each hello until acknowledged
/// silence of a hub     ─→ what it ordered with keepSeconds is stopped
/// ```
public final class ProviderMachine {
  /// How long a change of a run waits for the next one before it is journalled and told. An end
  /// never waits.
  private static final long GATHER = Duration.ofMillis(20).toNanos();

  /// The most grace of a run that is stopped because its hub is silent: less than the hub's margin.
  static final Duration FENCE_GRACE = Duration.ofSeconds(2);

  private static final long LONGEST_IDLE = Duration.ofSeconds(1).toNanos();

  private final TreeMap<PeerId, HubLink> links = new TreeMap<>();
  private final PeerId self;
  private final ProviderNetworks networks;
  private final ProviderRuns runs;
  private ProviderConfig config;

  /// @param self this node
  public ProviderMachine(PeerId self, ProviderConfig config, Journal.Contents journal, Now start) {
    this.self = self;
    this.config = config;
    for (Agreement agreement : journal.agreements()) {
      links.put(agreement.hub(), new HubLink(agreement, start.nanos()));
    }
    networks = new ProviderNetworks(self, journal.networks());
    runs = new ProviderRuns(config, networks, journal.runs());
  }

  /// Runs that were live when the daemon ended: the shell asks their drivers and says `Recovered`
  /// for each.
  public List<RunRecord> toRecover() {
    return runs.live().stream().map(ProviderRun::record).toList();
  }

  /// Takes one event and decides.
  public ProviderDecision step(Now now, ProviderEvent event) {
    Turn turn = new Turn(now, self);
    switch (event) {
      case ProviderEvent.Joined joined -> joined(turn, joined.agreement());
      case ProviderEvent.Left left -> left(turn, left.hub());
      case ProviderEvent.SessionUp up -> sessionUp(turn, up);
      case ProviderEvent.SessionDown down -> {
        HubLink link = links.get(down.hub());
        if (link != null && link.session == down.session()) {
          link.session = 0;
          link.welcomed = false;
          link.revision = HubLink.NO_SET;
        }
      }
      case ProviderEvent.FromHub from -> {
        HubLink link = links.get(from.hub());
        if (link != null && link.session == from.session()) {
          fromHub(turn, link, from.message());
        }
      }
      case ProviderEvent.RunnerProgress progress -> runs.progress(turn, progress);
      case ProviderEvent.RunnerDetail detail -> runs.detail(turn, detail);
      case ProviderEvent.RunnerExited exited -> runs.exited(turn, exited, links);
      case ProviderEvent.Recovered recovered -> {
        ProviderRun run = runs.get(recovered.run().task());
        if (run != null && run.id().equals(recovered.run())) {
          runs.recovered(turn, run, recovered.finding(), links.get(run.hub));
        }
      }
      case ProviderEvent.OfferChanged changed -> {
        config = changed.config();
        runs.config(config);
        links.values().forEach(link -> close(turn, link, "the offer changed"));
      }
      case ProviderEvent.NetworkKey known -> networks.key(turn, known.key(), links);
      case ProviderEvent.NetworkDoor known -> networks.door(turn, known.key(), links);
      case ProviderEvent.NetworkAddresses where ->
          networks.addresses(turn, where.addresses(), links.values());
      case ProviderEvent.NetworkEgresses counted -> networks.egress(turn, counted.all(), links);
      case ProviderEvent.Machine changed -> {
        runs.busy(changed.busy());
        runs.owner(turn, changed.owner());
      }
      case ProviderEvent.Tick _ -> {}
    }
    keepTime(turn);
    return turn.finish(links);
  }

  private void joined(Turn turn, Agreement agreement) {
    turn.change(new JournalChange.PutAgreement(agreement));
    HubLink link = links.get(agreement.hub());
    if (link == null) {
      links.put(agreement.hub(), new HubLink(agreement, turn.now.nanos()));
    } else {
      boolean told = link.agreement.terms().equals(agreement.terms());
      link.agreement = agreement;
      if (!told) {
        close(turn, link, "the terms changed");
      }
    }
  }

  private void left(Turn turn, PeerId hub) {
    HubLink link = links.remove(hub);
    if (link == null) {
      return;
    }
    turn.change(new JournalChange.DropAgreement(hub));
    close(turn, link, "the provider left the hub");
    networks.left(turn, hub);
    for (ProviderRun run : runs.all()) {
      if (run.hub.equals(hub)) {
        if (!run.ended()) {
          runs.stop(
              turn, run, Exit.Cause.STOPPED, ProviderRuns.grace(run), "its provider left the hub");
        }
        if (run.ended()) {
          runs.drop(turn, run);
        }
      }
    }
  }

  private static void close(Turn turn, HubLink link, String reason) {
    if (link.session != 0) {
      link.closing = true;
      turn.act(new ProviderAction.Close(link.hub, link.session, reason));
    }
  }

  private void sessionUp(Turn turn, ProviderEvent.SessionUp up) {
    HubLink link = links.get(up.hub());
    if (link == null) {
      return;
    }
    link.session = up.session();
    link.welcomed = false;
    link.closing = false;
    link.revision = HubLink.NO_SET;
    link.helloAt = turn.now.nanos();
    List<RunReport> told = new ArrayList<>();
    Epoch highest = Epoch.NONE;
    for (ProviderRun run : runs.all()) {
      if (run.hub.equals(link.hub)) {
        highest = highest.compareTo(run.id().epoch()) < 0 ? run.id().epoch() : highest;
      }
    }
    for (ProviderRun run : runs.live()) {
      if (run.hub.equals(link.hub)) {
        runs.flush(turn, run);
        told.add(run.report(turn.now, true));
      }
    }
    runs.unacked(link.hub).forEach(run -> told.add(run.report(turn.now, true)));
    turn.send(
        link,
        new ToHub.Hello(
            ActivityProtocol.SPOKEN.newest(),
            ActivityProtocol.SPOKEN.oldest(),
            offer(link),
            config.bootId(),
            highest,
            told,
            networks.standings(link.hub),
            networks.addresses()));
  }

  private Offer offer(HubLink link) {
    return new Offer(
        config.name(),
        config.version(),
        config.os(),
        config.arch(),
        config.total(),
        config.drivers(),
        config.missing(),
        config.labels(),
        link.agreement.terms(),
        config.deep(),
        config.networking());
  }

  private void fromHub(Turn turn, HubLink link, ToProvider message) {
    switch (message) {
      case ToProvider.Welcome welcome -> {
        if (!ActivityProtocol.SPOKEN.contains(welcome.protocol())) {
          close(
              turn,
              link,
              "the hub (Atoll "
                  + welcome.version()
                  + ") wants version "
                  + welcome.protocol()
                  + " of the protocol, this node understands "
                  + ActivityProtocol.SPOKEN
                  + "; upgrade the older of the two");
          return;
        }
        link.welcomed = true;
        link.heartbeatNanos =
            Duration.ofMillis(Math.clamp(welcome.heartbeatMillis(), 10, 60_000)).toNanos();
        link.leaseNanos =
            Duration.ofMillis(Math.clamp(welcome.leaseMillis(), 100, 3_600_000)).toNanos();
        link.nextBeat = turn.now.nanos() + link.heartbeatNanos;
        heard(link, link.helloAt);
        networks.tellEgress(turn, link);
      }
      case ToProvider.Refused refused ->
          close(turn, link, refused.message() + "; " + refused.hint());
      case ToProvider.DesiredSet set -> desired(turn, link, set);
      case ToProvider.Acks acks ->
          acks.acks().forEach(ack -> runs.acked(turn, link.hub, ack.run(), ack.seq()));
      case ToProvider.Heard heard -> {
        if (heard.beat() <= turn.now.nanos()) {
          heard(link, heard.beat());
        }
      }
      case ToProvider.Ask ask -> known(turn, link, ask.tasks());
      case ToProvider.Networks told -> networks.told(turn, link, told);
      case ToProvider.Forget forget -> {
        List<TaskId> gone =
            forget.tasks().stream().filter(task -> runs.forget(turn, link, task)).toList();
        if (!gone.isEmpty()) {
          turn.send(link, new ToHub.Known(gone, List.of()));
        }
      }
    }
  }

  private static void heard(HubLink link, long at) {
    if (at - link.heard > 0) {
      link.heard = at;
    }
  }

  private void desired(Turn turn, HubLink link, ToProvider.DesiredSet set) {
    if (!link.accept(set)) {
      return;
    }
    Set<TaskId> tasks = new TreeSet<>();
    // What is no longer wanted first: it may make room for what is.
    set.remove().forEach(run -> tasks.add(run.task()));
    if (set.base() == ToProvider.DesiredSet.WHOLE) {
      runs.live().stream()
          .filter(run -> run.hub.equals(link.hub) && link.wanted(run.task()) == null)
          .forEach(run -> tasks.add(run.task()));
    }
    tasks.forEach(task -> runs.settle(turn, link, task));
    for (Order order : set.put()) {
      if (tasks.add(order.run().task())) {
        runs.settle(turn, link, order.run().task());
      }
    }
  }

  private void known(Turn turn, HubLink link, List<TaskId> tasks) {
    List<RunReport> known = new ArrayList<>();
    for (TaskId task : tasks) {
      ProviderRun run = runs.get(task);
      if (run != null && run.hub.equals(link.hub)) {
        runs.flush(turn, run);
        known.add(run.report(turn.now, true));
      }
    }
    turn.send(link, new ToHub.Known(tasks, known));
  }

  /// What the passing of time asks for.
  private void keepTime(Turn turn) {
    long now = turn.now.nanos();
    for (ProviderRun run : runs.live()) {
      if (run.dirtySince != 0 && now - run.dirtySince >= GATHER) {
        runs.flush(turn, run);
      }
      long limit = Duration.ofSeconds(Math.max(0, run.order.timeLimitSeconds())).toNanos();
      if (limit > 0 && run.running() && run.ran(now) >= limit) {
        runs.stop(
            turn,
            run,
            Exit.Cause.TIME_LIMIT,
            ProviderRuns.grace(run),
            "its time limit of " + run.order.timeLimitSeconds() + " s was reached");
      }
      HubLink link = links.get(run.hub);
      if (link != null && link.isOver(run.order, now)) {
        Duration grace = ProviderRuns.grace(run);
        runs.stop(
            turn,
            run,
            Exit.Cause.STOPPED,
            grace.compareTo(FENCE_GRACE) > 0 ? FENCE_GRACE : grace,
            "its node had no contact with the hub for " + run.order.keepSeconds() + " s");
      }
    }
    networks.keepTime(turn);
    for (HubLink link : links.values()) {
      if (link.session == 0) {
        continue;
      }
      beat(turn, link);
      long quiet = now - (link.welcomed ? Math.max(link.heard, link.helloAt) : link.helloAt);
      if (quiet >= link.leaseNanos && !link.closing) {
        close(turn, link, "the hub has not answered for " + quiet / 1_000_000_000L + " s");
      }
    }
  }

  private void beat(Turn turn, HubLink link) {
    long now = turn.now.nanos();
    if (link.session != 0 && link.welcomed && now >= link.nextBeat) {
      link.nextBeat = now + link.heartbeatNanos;
      turn.send(link, new ToHub.Heartbeat(link.revision, link.digest(), runs.free(), now));
    }
  }

  /// The heartbeats that are due, and nothing else: for a shell that cannot journal what was
  /// decided. To do nothing new is no reason to be taken for dead.
  public List<ProviderAction> beats(Now now) {
    Turn turn = new Turn(now, self);
    links.values().forEach(link -> beat(turn, link));
    return turn.finish(links).actions();
  }

  /// How long the shell may wait for the next event before it has to send a `Tick`.
  public Duration idle(Now now) {
    long next = LONGEST_IDLE;
    for (ProviderRun run : runs.live()) {
      if (run.dirtySince != 0) {
        next = Math.min(next, run.dirtySince + GATHER - now.nanos());
      }
      if (run.order.timeLimitSeconds() > 0 && run.running() && run.stopping == null) {
        next =
            Math.min(
                next,
                Duration.ofSeconds(run.order.timeLimitSeconds()).toNanos() - run.ran(now.nanos()));
      }
      HubLink link = links.get(run.hub);
      long keep = HubLink.keep(run.order);
      if (keep > 0 && link != null && run.stopping == null) {
        next = Math.min(next, link.heard + keep - now.nanos());
      }
    }
    for (HubLink link : links.values()) {
      if (link.session != 0 && link.welcomed) {
        next = Math.min(next, link.nextBeat - now.nanos());
      }
    }
    return Duration.ofNanos(Math.max(0, networks.idle(now.nanos(), next)));
  }

  /// What is not reserved.
  public Resources free() {
    return runs.free();
  }

  /// Agreements with hubs, as they stand.
  public List<Agreement> agreements() {
    return links.values().stream().map(link -> link.agreement).toList();
  }

  /// Every run that has not ended.
  public List<RunRecord> live() {
    return runs.live().stream().map(ProviderRun::record).toList();
  }

  /// Whether the hub is connected and has welcomed this provider.
  public boolean connected(PeerId hub) {
    HubLink link = links.get(hub);
    return link != null && link.welcomed;
  }
}
