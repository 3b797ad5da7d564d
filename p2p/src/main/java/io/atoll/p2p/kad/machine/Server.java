package io.atoll.p2p.kad.machine;

import com.google.protobuf.ByteString;
import io.atoll.core.crypto.PublicKey;
import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.core.time.Now;
import io.atoll.p2p.kad.machine.KadAction.Refuse;
import io.atoll.p2p.kad.machine.KadAction.Reply;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Answers the requests of others.
final class Server {
  private static final int MAX_ASKERS = 4096;
  private static final int BURST_SECONDS = 2;

  private static final class Budget {
    private double left;
    private long at;
  }

  private final KadConfig config;
  private final PeerId self;
  private final ByteString ownId;
  private final Optional<KadRecord> ownKey;
  private final RoutingTable table;
  private final RecordStore records;
  private final ProviderStore providers;
  private final Map<PeerId, Budget> budgets = new LinkedHashMap<>(16, 0.75f, true);

  Server(
      KadConfig config,
      PeerId self,
      Optional<PublicKey> key,
      RoutingTable table,
      RecordStore records,
      ProviderStore providers) {
    this.config = config;
    this.self = self;
    this.ownId = ByteString.copyFrom(self.bytes());
    this.ownKey =
        key.map(
            own ->
                new KadRecord(
                    PublicKeyValidator.PREFIX.concat(ownId),
                    ByteString.copyFrom(own.encode()),
                    ""));
    this.table = table;
    this.records = records;
    this.providers = providers;
  }

  KadAction answer(Now now, long exchange, PeerId from, KadMessage request, List<Multiaddr> own) {
    if (!withinBudget(from, now)) {
      return new Refuse(exchange, "more requests than " + config.requestsPerSecond() + " a second");
    }
    return switch (request.type()) {
      case PING -> reply(exchange, KadMessage.of(KadMessage.Type.PING, ByteString.EMPTY));
      case FIND_NODE -> {
        List<Contact> closer = new ArrayList<>(closer(request.key(), from));
        if (request.key().equals(ownId)) {
          closer.add(Contact.of(self, own));
        }
        yield reply(exchange, bare(request).withCloser(closer));
      }
      case GET_VALUE -> {
        KadMessage answer = bare(request).withCloser(closer(request.key(), from));
        Optional<KadRecord> found =
            ownKey
                .filter(record -> record.key().equals(request.key()))
                .or(() -> records.get(request.key(), now));
        yield reply(exchange, found.map(answer::withRecord).orElse(answer));
      }
      case PUT_VALUE -> put(now, exchange, request);
      case ADD_PROVIDER -> {
        if (!request.key().isEmpty() && request.key().size() <= 80) {
          // Nobody speaks for somebody else.
          request.providers().stream()
              .filter(provider -> provider.id().equals(from) && !provider.addresses().isEmpty())
              .findFirst()
              .ifPresent(provider -> providers.add(request.key(), provider, now));
        }
        yield new Reply(exchange, Optional.empty());
      }
      case GET_PROVIDERS ->
          reply(
              exchange,
              bare(request)
                  .withProviders(providers.get(request.key(), config.k(), now))
                  .withCloser(closer(request.key(), from)));
    };
  }

  /// Forgets askers whose budget is whole again.
  void expire(Now now) {
    budgets.values().removeIf(budget -> now.nanos() - budget.at > BURST_SECONDS * 1_000_000_000L);
  }

  private KadAction put(Now now, long exchange, KadMessage request) {
    if (request.record().isEmpty() || !request.record().get().key().equals(request.key())) {
      return new Refuse(exchange, "a PUT_VALUE without a record of its key");
    }
    Optional<String> refusal = records.put(request.record().get(), now);
    return refusal.isPresent()
        ? new Refuse(exchange, refusal.get())
        : reply(exchange, bare(request).withRecord(request.record().get()));
  }

  private List<Contact> closer(ByteString preimage, PeerId asker) {
    return table.closest(KadKey.of(preimage.toByteArray()), config.k() + 1).stream()
        .filter(contact -> !contact.id().equals(asker))
        .limit(config.k())
        .toList();
  }

  private boolean withinBudget(PeerId asker, Now now) {
    double most = (double) config.requestsPerSecond() * BURST_SECONDS;
    Budget budget = budgets.get(asker);
    if (budget == null) {
      budget = new Budget();
      budget.left = most;
      budget.at = now.nanos();
      budgets.put(asker, budget);
      if (budgets.size() > MAX_ASKERS) {
        budgets.remove(budgets.keySet().iterator().next());
      }
    }
    budget.left =
        Math.min(most, budget.left + (now.nanos() - budget.at) / 1e9 * config.requestsPerSecond());
    budget.at = now.nanos();
    if (budget.left < 1) {
      return false;
    }
    budget.left -= 1;
    return true;
  }

  private static KadMessage bare(KadMessage request) {
    return KadMessage.of(request.type(), request.key());
  }

  private static KadAction reply(long exchange, KadMessage answer) {
    return new Reply(exchange, Optional.of(answer));
  }
}
