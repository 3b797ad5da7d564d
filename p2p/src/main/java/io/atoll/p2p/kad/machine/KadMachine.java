package io.atoll.p2p.kad.machine;

import com.google.protobuf.ByteString;
import io.atoll.core.crypto.PublicKey;
import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.core.time.Now;
import io.atoll.p2p.kad.machine.KadAction.Ask;
import io.atoll.p2p.kad.machine.KadAction.Finished;
import io.atoll.p2p.kad.machine.KadAction.Refuse;
import io.atoll.p2p.kad.machine.Validator.Verdict;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// One node of the DHT. Owner of all its state; used by one thread at a time.
///
/// ```
/// Start ─▶ Query ─▶ lookup (Ask … Answered) ─▶ done ─▶ [store at the nearest] ─▶ Finished
/// ```
/// By itself it looks up its own neighbourhood and each bucket, asks silent peers for a sign of
/// life, stores what it published anew, and forgets what is over.
public final class KadMachine {
  /// Chores of its own under way at once.
  private static final int MAX_CHORES = 2;

  private static final int MAX_REFRESHED = 15;
  private static final int MAX_QUERIES = 1000;
  /// How often the nearest peers are asked for a sign of life.
  private static final long CHECK_NANOS = 60_000_000_000L;

  private static final long NEVER = Long.MIN_VALUE;

  /// A request under way.
  ///
  /// @param query whose it is; null for a look whether somebody is still there
  private record Request(@Nullable Query query, Contact to, KadMessage message, long deadline) {}

  private static final class Published {
    private final KadGoal goal;
    private long next;

    Published(KadGoal goal, long next) {
      this.goal = goal;
      this.next = next;
    }
  }

  private final KadConfig config;
  private final PeerId self;
  private final KadKey place;
  private final ByteString own;
  private final Validator validator;
  private final RandomGenerator random;
  private final RoutingTable table;
  private final RecordStore records;
  private final ProviderStore providers;
  private final Server server;
  private final Map<Long, Query> queries = new LinkedHashMap<>();
  private final Map<Long, Request> requests = new LinkedHashMap<>();
  private final Map<ByteString, Published> published = new LinkedHashMap<>();
  private final Deque<KadGoal> chores = new ArrayDeque<>();
  private final long[] refreshed = new long[KadKey.BITS + 1];
  private List<Multiaddr> addresses = List.of();
  private boolean serves;
  private long nextRequest = 1;
  private long nextChore = -1;
  private int choresUnderWay;
  private long refreshAt = NEVER;
  private long sweepAt = NEVER;
  private long checkAt = NEVER;
  private long answered;
  private long refused;
  private long failed;
  private List<KadAction> actions = new ArrayList<>();

  /// @param key the public key of this node, which it answers under `/pk/`
  public KadMachine(
      KadConfig config,
      PeerId self,
      Optional<PublicKey> key,
      Validator validator,
      RandomGenerator random) {
    this.config = config;
    this.self = self;
    this.place = KadKey.of(self);
    this.own = ByteString.copyFrom(self.bytes());
    this.validator = validator;
    this.random = random;
    this.table = new RoutingTable(place, config);
    this.records = new RecordStore(config, validator, place);
    this.providers = new ProviderStore(config);
    this.server = new Server(config, self, key, table, records, providers);
    Arrays.fill(refreshed, NEVER);
  }

  public List<KadAction> step(Now now, KadEvent event) {
    actions = new ArrayList<>();
    switch (event) {
      case KadEvent.Start start -> start(now, start.query(), start.goal());
      case KadEvent.Forget forget -> published.remove(forget.key());
      case KadEvent.Asked asked -> {
        KadAction answer =
            serves
                ? server.answer(now, asked.exchange(), asked.from(), asked.request(), addresses)
                : new Refuse(asked.exchange(), "this node is a client");
        answered += answer instanceof Refuse ? 0 : 1;
        refused += answer instanceof Refuse ? 1 : 0;
        actions.add(answer);
      }
      case KadEvent.Answered ended -> answered(now, ended);
      case KadEvent.Failed ended -> failed(now, ended.request());
      case KadEvent.ServerSeen seen -> {
        boolean first = table.size() == 0;
        table.seen(seen.peer(), seen.seenAt(), now.nanos());
        if (first && table.size() > 0) {
          // Whoever finds its first peer introduces itself to its neighbourhood.
          refreshAt = now.nanos();
          Arrays.fill(refreshed, NEVER);
          chores.clear();
          chores.add(new KadGoal.FindPeer(self));
        }
      }
      case KadEvent.Self moved -> {
        addresses = List.copyOf(moved.addresses());
        serves = moved.serves();
      }
      case KadEvent.Tick _ -> tick(now);
    }
    runChores(now);
    return actions;
  }

  /// The peers in the routing table, for whoever looks into it.
  public List<Contact> peers() {
    return table.all();
  }

  /// The values kept for others.
  public List<KadRecord> records() {
    return records.all();
  }

  /// For whoever counts.
  public KadStats stats() {
    return new KadStats(
        table.size(),
        records.size(),
        providers.size(),
        requests.size() + queries.size(),
        answered,
        refused,
        failed);
  }

  private void start(Now now, long id, KadGoal goal) {
    switch (goal) {
      case KadGoal.Put put -> {
        Optional<String> refusal = records.put(new KadRecord(put.key(), put.value(), ""), now);
        if (refusal.isPresent()) {
          finish(id, new KadResult.Refused(refusal.get()));
          return;
        }
        publish(put.key(), goal, now);
      }
      case KadGoal.Provide provide -> publish(provide.multihash(), goal, now);
      case KadGoal.Closest _, KadGoal.FindPeer _, KadGoal.Get _, KadGoal.Providers _ -> {}
    }
    if (goal.preimage().size() > KadCodec.MAX_KEY) {
      finish(id, new KadResult.Refused("a key of " + goal.preimage().size() + " bytes"));
      return;
    }
    if (queries.size() >= MAX_QUERIES) {
      finish(id, new KadResult.Refused(MAX_QUERIES + " queries are under way already"));
      return;
    }
    KadKey target = KadKey.of(goal.preimage().toByteArray());
    var lookup = new Lookup(config, self, target, table.closest(target, config.k()));
    Query query = new Query(id, goal, lookup, now.nanos() + config.queryTimeout().toNanos());
    queries.put(id, query);
    noteRefresh(target, now);
    if (goal instanceof KadGoal.Get get) {
      records.get(get.key(), now).ifPresent(own -> query.values.put(self, own.value()));
    }
    if (goal instanceof KadGoal.Providers wanted) {
      for (Contact known : providers.get(wanted.multihash(), config.k(), now)) {
        query.providers.put(known.id(), known);
      }
    }
    advance(now, query);
  }

  private void publish(ByteString key, KadGoal goal, Now now) {
    published.put(key, new Published(goal, now.nanos() + config.republish().toNanos()));
  }

  /// Asks on, or goes to the next stage.
  private void advance(Now now, Query query) {
    if (query.storing) {
      if (query.stores.isEmpty()) {
        end(now, query, new KadResult.Stored(query.stored));
      }
      return;
    }
    if (!query.lookup.done() && !satisfied(query)) {
      for (Contact next : query.lookup.next()) {
        ask(now, query, next, message(query.goal));
      }
      return;
    }
    conclude(now, query);
  }

  /// Whether enough was found before the lookup is over.
  private static boolean satisfied(Query query) {
    return switch (query.goal) {
      case KadGoal.Get get -> query.values.size() >= get.quorum();
      case KadGoal.Providers wanted -> query.providers.size() >= wanted.enough();
      case KadGoal.Closest _, KadGoal.FindPeer _, KadGoal.Put _, KadGoal.Provide _ -> false;
    };
  }

  private void conclude(Now now, Query query) {
    List<Contact> closest = query.lookup.closest();
    switch (query.goal) {
      case KadGoal.Closest _ ->
          end(now, query, new KadResult.Closest(closest, query.lookup.asked()));
      case KadGoal.FindPeer wanted -> {
        KadKey key = KadKey.of(wanted.peer());
        Optional<Contact> found =
            query.lookup.named(key).stream().findFirst().or(() -> table.find(key));
        end(now, query, new KadResult.Found(found));
      }
      case KadGoal.Get get -> concludeGet(now, query, get);
      case KadGoal.Put put ->
          store(
              now,
              query,
              closest,
              KadMessage.of(KadMessage.Type.PUT_VALUE, put.key())
                  .withRecord(new KadRecord(put.key(), put.value(), "")));
      case KadGoal.Provide provide ->
          store(
              now,
              query,
              closest,
              KadMessage.of(KadMessage.Type.ADD_PROVIDER, provide.multihash())
                  .withProviders(List.of(Contact.of(self, addresses))));
      case KadGoal.Providers wanted -> {
        List<Contact> found = List.copyOf(query.providers.values());
        end(
            now,
            query,
            new KadResult.Providers(found.subList(0, Math.min(found.size(), wanted.enough()))));
      }
    }
  }

  private void store(Now now, Query query, List<Contact> at, KadMessage message) {
    query.storing = true;
    for (Contact peer : at) {
      query.stores.add(ask(now, query, peer, message));
    }
    advance(now, query);
  }

  /// The best value; whoever should have it and has none or a worse one gets it.
  private void concludeGet(Now now, Query query, KadGoal.Get get) {
    List<ByteString> values = query.values.values().stream().distinct().toList();
    if (values.isEmpty()) {
      end(now, query, new KadResult.Value(Optional.empty()));
      return;
    }
    ByteString best = values.get(validator.best(get.key(), values));
    KadMessage put =
        KadMessage.of(KadMessage.Type.PUT_VALUE, get.key())
            .withRecord(new KadRecord(get.key(), best, ""));
    if (query.lookup.done()) {
      for (Contact peer : query.lookup.closest()) {
        if (!best.equals(query.values.get(peer.id()))) {
          ask(now, null, peer, put);
        }
      }
    }
    end(now, query, new KadResult.Value(Optional.of(best)));
  }

  private long ask(Now now, @Nullable Query query, Contact to, KadMessage message) {
    long id = nextRequest++;
    requests.put(id, new Request(query, to, message, now.nanos() + config.rpcTimeout().toNanos()));
    actions.add(new Ask(id, to, message));
    return id;
  }

  private static KadMessage message(KadGoal goal) {
    KadMessage.Type type =
        switch (goal) {
          case KadGoal.Get _ -> KadMessage.Type.GET_VALUE;
          case KadGoal.Providers _ -> KadMessage.Type.GET_PROVIDERS;
          case KadGoal.Closest _, KadGoal.FindPeer _, KadGoal.Put _, KadGoal.Provide _ ->
              KadMessage.Type.FIND_NODE;
        };
    return KadMessage.of(type, goal.preimage());
  }

  private void answered(Now now, KadEvent.Answered event) {
    Request request = requests.remove(event.request());
    if (request == null) {
      return; // it came too late
    }
    table.seen(request.to(), event.seenAt(), now.nanos());
    Query query = request.query();
    if (query == null) {
      return;
    }
    if (query.storing) {
      if (query.stores.remove(event.request())) {
        query.stored++;
        advance(now, query);
      }
      return;
    }
    if (!queries.containsKey(query.id)) {
      return;
    }
    KadMessage answer = event.answer();
    query.lookup.answered(request.to(), answer.closer());
    if (query.goal instanceof KadGoal.Get get && answer.record().isPresent()) {
      KadRecord record = answer.record().get();
      if (record.key().equals(get.key())
          && record.value().size() <= config.maxValue()
          && validator.judge(get.key(), record.value(), now.wall()) instanceof Verdict.Valid) {
        query.values.put(request.to().id(), record.value());
      }
    }
    if (query.goal instanceof KadGoal.Providers) {
      for (Contact provider : answer.providers()) {
        if (query.providers.size() < 1000) {
          query.providers.putIfAbsent(provider.id(), provider);
        }
      }
    }
    advance(now, query);
  }

  private void failed(Now now, long id) {
    Request request = requests.remove(id);
    if (request == null) {
      return;
    }
    failed++;
    Query query = request.query();
    // Who refuses a value is there all the same.
    if (request.message().type() != KadMessage.Type.PUT_VALUE) {
      table.gone(request.to());
    }
    if (query == null || !queries.containsKey(query.id)) {
      return;
    }
    if (query.storing) {
      query.stores.remove(id);
    } else {
      query.lookup.failed(request.to());
    }
    advance(now, query);
  }

  private void end(Now now, Query query, KadResult result) {
    queries.remove(query.id);
    if (query.id < 0 && query.goal instanceof KadGoal.FindPeer) {
      // Now it is known how deep the table goes.
      scheduleBuckets(now);
    }
    finish(query.id, result);
  }

  private void finish(long id, KadResult result) {
    if (id < 0) {
      choresUnderWay--;
    } else {
      actions.add(new Finished(id, result));
    }
  }

  private void tick(Now now) {
    List<Long> late = new ArrayList<>();
    requests.forEach(
        (id, request) -> {
          if (request.deadline() - now.nanos() <= 0) {
            late.add(id);
          }
        });
    late.forEach(id -> failed(now, id));
    for (Query query : List.copyOf(queries.values())) {
      if (query.deadline - now.nanos() <= 0) {
        if (query.storing) {
          end(now, query, new KadResult.Stored(query.stored));
        } else {
          conclude(now, query);
          query.stores.clear();
          if (queries.containsKey(query.id)) {
            end(now, query, new KadResult.Stored(0));
          }
        }
      }
    }
    if (refreshAt == NEVER || refreshAt - now.nanos() <= 0) {
      refreshAt = now.nanos() + config.refresh().toNanos();
      if (table.size() > 0 && chores.isEmpty()) {
        chores.add(new KadGoal.FindPeer(self));
      }
      for (Contact silent : table.silentSince(now.nanos() - config.refresh().toNanos())) {
        ask(now, null, silent, KadMessage.of(KadMessage.Type.FIND_NODE, own));
      }
    }
    if (checkAt == NEVER || checkAt - now.nanos() <= 0) {
      // Whoever names a dead neighbour leaves out a living one.
      checkAt = now.nanos() + CHECK_NANOS;
      List<Contact> silent = table.silentSince(now.nanos() - CHECK_NANOS);
      for (Contact near : table.closest(place, config.k())) {
        if (silent.contains(near)) {
          ask(now, null, near, KadMessage.of(KadMessage.Type.FIND_NODE, own));
        }
      }
    }
    if (sweepAt == NEVER || sweepAt - now.nanos() <= 0) {
      sweepAt = now.nanos() + 60_000_000_000L;
      records.expire(now);
      providers.expire(now);
      server.expire(now);
      republish(now);
    }
  }

  private void republish(Now now) {
    published
        .entrySet()
        .removeIf(
            entry ->
                entry.getValue().goal instanceof KadGoal.Put put
                    && !(validator.judge(put.key(), put.value(), now.wall())
                        instanceof Verdict.Valid));
    for (Published goal : published.values()) {
      if (goal.next - now.nanos() <= 0) {
        goal.next = now.nanos() + config.republish().toNanos();
        chores.add(goal.goal);
      }
    }
  }

  private void runChores(Now now) {
    while (choresUnderWay < MAX_CHORES && !chores.isEmpty()) {
      KadGoal chore = chores.poll();
      choresUnderWay++;
      long id = nextChore--;
      start(now, id, chore);
    }
  }

  /// Each bucket that no lookup touched for a while, the farthest first.
  private void scheduleBuckets(Now now) {
    int last = Math.min(MAX_REFRESHED, Math.max(table.deepest(), 0));
    for (int bucket = 0; bucket <= last; bucket++) {
      if (refreshed[bucket] == NEVER
          || now.nanos() - refreshed[bucket] >= config.refresh().toNanos()) {
        chores.add(new KadGoal.Closest(randomIn(bucket)));
      }
    }
  }

  private void noteRefresh(KadKey target, Now now) {
    refreshed[place.sharedBits(target)] = now.nanos();
  }

  /// Something whose key falls into a bucket, in the form of a peer id, as requests name peers.
  private ByteString randomIn(int bucket) {
    byte[] id = own.toByteArray();
    byte[] noise = new byte[32];
    // Each try has one chance in 2^(bucket+1); deeper buckets than 15 are not asked for.
    for (int tries = 0; tries < 1 << 20; tries++) {
      random.nextBytes(noise);
      System.arraycopy(noise, 0, id, Math.max(0, id.length - 32), Math.min(32, id.length));
      if (place.sharedBits(KadKey.of(id)) == bucket) {
        break;
      }
    }
    return ByteString.copyFrom(id);
  }
}
