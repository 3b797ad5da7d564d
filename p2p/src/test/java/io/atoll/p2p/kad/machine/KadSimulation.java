package io.atoll.p2p.kad.machine;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.kad.machine.KadAction.Ask;
import io.atoll.p2p.sim.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;

/// Nodes of the production machine in virtual time: they join by a few known ones, grow their
/// tables, then a part of them dies and as many others come, while everybody looks things up.
final class KadSimulation {
  private static final Duration DIAL_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration SETTLED = Duration.ofSeconds(30);

  /// What a run showed.
  record Result(
      int lookups,
      int exact,
      long wanted,
      long reached,
      double askedOnAverage,
      int puts,
      int gets,
      int providersFound,
      long events,
      long trace) {
    double exactShare() {
      return (double) exact / lookups;
    }
  }

  private final class Node {
    private final Contact contact;
    private final KadMachine machine;
    private final Set<PeerId> introduced = new HashSet<>();
    private final Map<Long, Consumer<KadResult>> waiting = new HashMap<>();
    private final long born = time.nanos();
    private long died = Long.MAX_VALUE;
    private long nextQuery;

    Node() {
      byte[] id = new byte[38];
      random.nextBytes(id);
      System.arraycopy(new byte[] {0, 36, 8, 1, 18, 32}, 0, id, 0, 6);
      Multiaddr address =
          Multiaddr.parse(
              "/ip4/%d.%d.%d.%d/tcp/4001"
                  .formatted(
                      11 + random.nextInt(80),
                      random.nextInt(256),
                      random.nextInt(256),
                      random.nextInt(256)));
      contact = Contact.of(PeerId.of(id), List.of(address));
      machine =
          new KadMachine(
              KadConfig.defaults(),
              contact.id(),
              Optional.empty(),
              new Numbered(),
              new Random(random.nextLong()));
      step(new KadEvent.Self(contact.addresses(), true));
      time.after(random.nextLong(1_000_000_000L), this::tick);
    }

    boolean alive() {
      return died == Long.MAX_VALUE;
    }

    private void tick() {
      if (alive()) {
        step(new KadEvent.Tick());
        time.after(Duration.ofSeconds(1), this::tick);
      }
    }

    void start(KadGoal goal, Consumer<KadResult> then) {
      long query = ++nextQuery;
      waiting.put(query, then);
      step(new KadEvent.Start(query, goal));
    }

    void step(KadEvent event) {
      if (!alive()) {
        return;
      }
      for (KadAction action : machine.step(time.now(), event)) {
        switch (action) {
          case Ask ask -> ask(this, ask);
          case KadAction.Reply reply -> replies.remove(reply.exchange()).accept(reply.answer());
          case KadAction.Refuse refuse -> {
            replies.remove(refuse.exchange());
            refusals.merge(refuse.why(), 1, Integer::sum);
          }
          case KadAction.Finished finished ->
              waiting.remove(finished.query()).accept(finished.result());
        }
      }
    }
  }

  /// Values that count: the higher is the better.
  static final class Numbered implements Validator {
    @Override
    public Verdict judge(ByteString key, ByteString value, Instant now) {
      return value.size() == 1 ? new Verdict.Valid(Instant.MAX) : new Verdict.Refused("not one");
    }

    @Override
    public int best(ByteString key, List<ByteString> values) {
      int best = 0;
      for (int i = 1; i < values.size(); i++) {
        best = values.get(i).byteAt(0) > values.get(best).byteAt(0) ? i : best;
      }
      return best;
    }
  }

  private final VirtualTime time = new VirtualTime();
  private final Random random;
  private final Map<PeerId, Node> nodes = new LinkedHashMap<>();
  private final List<Node> living = new ArrayList<>();
  private final Map<Long, Consumer<Optional<KadMessage>>> replies = new HashMap<>();
  private final Map<String, Integer> refusals = new HashMap<>();
  private long nextExchange;
  private long messages;
  private int lookups;
  private int exact;
  private long wanted;
  private long reached;
  private long asked;
  private int puts;
  private int gets;
  private int providersFound;

  private KadSimulation(long seed) {
    random = new Random(seed);
  }

  static Result run(long seed, int size, double churn, int searches) {
    var simulation = new KadSimulation(seed);
    simulation.grow(size);
    simulation.live(churn, searches);
    return new Result(
        simulation.lookups,
        simulation.exact,
        simulation.wanted,
        simulation.reached,
        (double) simulation.asked / Math.max(1, simulation.lookups),
        simulation.puts,
        simulation.gets,
        simulation.providersFound,
        simulation.time.events(),
        simulation.time.trace());
  }

  private void grow(int size) {
    for (int i = 0; i < size; i++) {
      time.after(random.nextLong(Duration.ofMinutes(3).toNanos()), this::join);
    }
    time.run(Duration.ofMinutes(15));
    assertThat(living).hasSize(size);
    assertThat(refusals).isEmpty();
  }

  private void join() {
    Node node = new Node();
    nodes.put(node.contact.id(), node);
    for (int i = 0; i < 3 && !living.isEmpty(); i++) {
      Node known = living.get(random.nextInt(Math.min(5, living.size())));
      node.step(new KadEvent.ServerSeen(known.contact, Optional.empty()));
    }
    living.add(node);
  }

  private void live(double churn, int searches) {
    List<ByteString> keys = new ArrayList<>();
    for (int i = 0; i < searches / 10; i++) {
      ByteString key = ByteString.copyFromUtf8("/n/" + random.nextLong());
      keys.add(key);
      any()
          .start(
              new KadGoal.Put(key, ByteString.copyFrom(new byte[] {7})),
              result -> {
                if (result instanceof KadResult.Stored stored && stored.peers() >= 15) {
                  puts++;
                }
              });
      any().start(new KadGoal.Provide(key), _ -> {});
    }
    time.run(Duration.ofMinutes(1));
    long span = Duration.ofMinutes(10).toNanos();
    for (int i = 0; i < churn * living.size(); i++) {
      time.after(random.nextLong(span), this::die);
      time.after(random.nextLong(span), this::join);
    }
    for (int i = 0; i < searches; i++) {
      time.after(random.nextLong(span), this::search);
    }
    for (ByteString key : keys) {
      time.after(
          random.nextLong(span),
          () -> {
            any().start(new KadGoal.Get(key, 3), this::got);
            any().start(new KadGoal.Providers(key, 1), this::gotProviders);
          });
    }
    time.run(Duration.ofMinutes(12));
  }

  private void got(KadResult result) {
    if (result instanceof KadResult.Value value && value.value().isPresent()) {
      gets++;
    }
  }

  private void gotProviders(KadResult result) {
    if (result instanceof KadResult.Providers found && !found.providers().isEmpty()) {
      providersFound++;
    }
  }

  private Node any() {
    while (true) {
      Node node = living.get(random.nextInt(living.size()));
      if (time.nanos() - node.born > SETTLED.toNanos()) {
        return node;
      }
    }
  }

  private void die() {
    Node node = living.remove(random.nextInt(living.size()));
    node.died = time.nanos();
    time.note(node.contact.key().w0());
  }

  private void search() {
    byte[] preimage = new byte[34];
    random.nextBytes(preimage);
    long begun = time.nanos();
    Node from = any();
    from.start(
        new KadGoal.Closest(ByteString.copyFrom(preimage)),
        result -> judge(from, KadKey.of(preimage), begun, (KadResult.Closest) result));
  }

  /// Of the twenty nearest that lived at any time since the lookup began, those must be in the
  /// result that lived all the time and had settled before.
  private void judge(Node from, KadKey target, long begun, KadResult.Closest result) {
    lookups++;
    asked += result.asked();
    Set<PeerId> got = new HashSet<>();
    result.peers().forEach(contact -> got.add(contact.id()));
    boolean all = true;
    List<Node> nearest =
        nodes.values().stream()
            .filter(node -> node.died > begun && node != from)
            .sorted(Comparator.comparing(node -> node.contact.key(), target.nearest()))
            .limit(20)
            .toList();
    for (Node node : nearest) {
      if (node.alive() && begun - node.born > SETTLED.toNanos()) {
        wanted++;
        boolean there = got.contains(node.contact.id());
        reached += there ? 1 : 0;
        all &= there;
      }
    }
    exact += all ? 1 : 0;
    time.note(result.asked());
  }

  private void ask(Node from, Ask ask) {
    Node to = nodes.get(ask.to().id());
    time.note(ask.to().key().w0() ^ ask.message().type().number());
    if (++messages % 256 == 0) {
      // The codec stands the same test, with what the machines really say.
      assertThat(KadCodec.decode(KadCodec.encode(ask.message()))).isEqualTo(ask.message());
    }
    time.after(
        latency(),
        () -> {
          if (to == null || !to.alive()) {
            time.after(DIAL_TIMEOUT, () -> from.step(new KadEvent.Failed(ask.request())));
            return;
          }
          if (to.introduced.add(from.contact.id())) {
            to.step(new KadEvent.ServerSeen(from.contact, Optional.empty()));
          }
          long exchange = ++nextExchange;
          replies.put(
              exchange,
              answer -> {
                KadMessage message = answer.orElse(ask.message());
                if (messages % 256 == 0) {
                  assertThat(KadCodec.decode(KadCodec.encode(message))).isEqualTo(message);
                }
                time.after(
                    latency(),
                    () ->
                        from.step(new KadEvent.Answered(ask.request(), message, Optional.empty())));
              });
          to.step(new KadEvent.Asked(exchange, from.contact.id(), ask.message()));
        });
  }

  private long latency() {
    return 5_000_000L + random.nextLong(145_000_000L);
  }
}
