package io.atoll.daemon.golem;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.PeerId;
import io.atoll.core.json.Json;
import io.atoll.daemon.golem.AgreementNote.State;
import io.atoll.daemon.hub.HubApi;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Demands, proposals and agreements. A demand sees what online nodes offer; the hub, which has
/// its nodes' word for what they take, agrees at once.
public final class Market {
  private static final int MOST_DEMANDS = 1000;
  private static final int MOST_COUNTERS = 1000;
  private static final Duration KEPT = Duration.ofDays(1);
  private static final Duration LOOK = Duration.ofMillis(100);

  public record Proposal(
      String proposalId,
      String issuerId,
      String state,
      Instant timestamp,
      @Nullable String prevProposalId,
      JsonNode properties,
      String constraints) {}

  public record Event(String eventType, Instant eventDate, Proposal proposal) {}

  public record Side(
      @Nullable String demandId,
      @Nullable String requestorId,
      @Nullable String offerId,
      @Nullable String providerId,
      Instant timestamp,
      JsonNode properties,
      String constraints) {}

  public record Agreement(
      String agreementId,
      String state,
      @Nullable String validTo,
      @Nullable Instant approvedDate,
      Instant timestamp,
      @Nullable String appSessionId,
      Side demand,
      Side offer) {}

  /// @param node of the offer that it is about
  private record Known(Proposal proposal, PeerId node, String driver, JsonNode offered) {}

  private static final class Demand {
    final String id;
    final String keyId;
    final JsonNode properties;
    final String constraints;
    final Filter filter;

    // Under the lock of this object.
    final Set<String> seen = new HashSet<>();
    final Map<String, Known> proposals = new LinkedHashMap<>();
    final List<Proposal> waiting = new ArrayList<>();

    Demand(String id, String keyId, JsonNode properties, String constraints) {
      this.id = id;
      this.keyId = keyId;
      this.properties = properties;
      this.constraints = constraints;
      this.filter = Filter.parse(constraints);
    }
  }

  private final Offers offers;
  private final Nets nets;
  private final Shelf<AgreementNote> agreements;
  private final Map<String, Demand> demands = new ConcurrentHashMap<>();
  private final SecureRandom random = new SecureRandom();

  Market(HubApi hub, Nets nets, Shelf<AgreementNote> agreements) {
    this.offers = new Offers(hub);
    this.nets = nets;
    this.agreements = agreements;
  }

  private String id() {
    byte[] bytes = new byte[16];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /// @param body `{properties, constraints}`
  /// @return the demand's id
  public String subscribe(String keyId, byte[] body) {
    JsonNode asked = object(body);
    JsonNode properties = asked.path("properties");
    if (!properties.isObject() || !asked.path("constraints").isTextual()) {
      throw new AtollException(
          ErrorCode.BAD_REQUEST,
          "a demand has properties, an object, and constraints, a text",
          "send {\"properties\": {}, \"constraints\": \"(golem.runtime.name=docker)\"}");
    }
    if (demands.size() >= MOST_DEMANDS) {
      throw new AtollException(
          ErrorCode.TOO_MANY_REQUESTS, MOST_DEMANDS + " demands are open", "DELETE old ones first");
    }
    Demand demand = new Demand(id(), keyId, properties, asked.path("constraints").asText());
    demands.put(demand.id, demand);
    return demand.id;
  }

  public void unsubscribe(String keyId, String id) {
    demands.remove(demand(keyId, id).id);
  }

  /// Proposals that were not told yet; waits for the first.
  public List<Event> events(String keyId, String id, Duration wait, int most)
      throws InterruptedException {
    Demand demand = demand(keyId, id);
    long deadline = System.nanoTime() + wait.toNanos();
    while (true) {
      List<Event> events = take(demand, most);
      if (!events.isEmpty() || System.nanoTime() - deadline >= 0) {
        return events;
      }
      Thread.sleep(LOOK);
      demand(keyId, id); // It may be gone meanwhile.
    }
  }

  private List<Event> take(Demand demand, int most) {
    List<Offers.Offer> now = offers.now();
    synchronized (demand) {
      for (Offers.Offer offer : now) {
        boolean fresh = !demand.seen.contains(offer.node() + "/" + offer.driver());
        if (fresh && demand.filter.matches(offer.properties())) {
          demand.seen.add(offer.node() + "/" + offer.driver());
          tell(
              demand,
              new Known(
                  proposal("Initial", offer.node(), null, offer.properties()),
                  offer.node(),
                  offer.driver(),
                  offer.properties()));
        }
      }
      List<Proposal> some = demand.waiting.subList(0, Math.min(most, demand.waiting.size()));
      List<Event> events =
          some.stream().map(one -> new Event("ProposalEvent", one.timestamp(), one)).toList();
      some.clear();
      return events;
    }
  }

  private static void tell(Demand demand, Known known) {
    demand.proposals.put(known.proposal.proposalId(), known);
    demand.waiting.add(known.proposal);
  }

  private Proposal proposal(
      String state, PeerId node, @Nullable String before, JsonNode properties) {
    return new Proposal(
        id(), NodeIds.provider(node), state, Instant.now(), before, properties, "(&)");
  }

  /// What the caller proposes instead; the node's side agrees, by a proposal that follows as an
  /// event.
  ///
  /// @return the id of the caller's own
  public String counter(String keyId, String id, String proposal, byte[] body) {
    Demand demand = demand(keyId, id);
    JsonNode asked = object(body);
    synchronized (demand) {
      Known known = known(demand, proposal);
      if (demand.proposals.size() > MOST_COUNTERS) {
        throw new AtollException(
            ErrorCode.TOO_MANY_REQUESTS,
            "demand " + id + " has " + demand.proposals.size() + " proposals",
            "make an agreement of one, or a new demand");
      }
      Proposal own =
          new Proposal(
              id(),
              nets.requestor(keyId),
              "Draft",
              Instant.now(),
              proposal,
              asked.path("properties").isObject() ? asked.path("properties") : demand.properties,
              asked.path("constraints").asText(demand.constraints));
      demand.proposals.put(
          own.proposalId(), new Known(own, known.node, known.driver, known.offered));
      tell(
          demand,
          new Known(
              proposal("Draft", known.node, own.proposalId(), known.offered),
              known.node,
              known.driver,
              known.offered));
      return own.proposalId();
    }
  }

  public Proposal proposal(String keyId, String id, String proposal) {
    Demand demand = demand(keyId, id);
    synchronized (demand) {
      return known(demand, proposal).proposal;
    }
  }

  /// @param body `{proposalId, validTo}`
  /// @return the agreement's id
  public String agree(String keyId, byte[] body) throws InterruptedException {
    JsonNode asked = object(body);
    String proposal = asked.path("proposalId").asText();
    for (Demand demand : demands.values()) {
      Known known;
      synchronized (demand) {
        known = demand.keyId.equals(keyId) ? demand.proposals.get(proposal) : null;
      }
      if (known != null) {
        forgetOld();
        Instant now = Instant.now();
        JsonNode validTo = asked.path("validTo");
        AgreementNote note =
            new AgreementNote(
                id(),
                keyId,
                known.node,
                known.driver,
                State.PROPOSAL,
                demand.id,
                demand.properties,
                demand.constraints,
                known.offered,
                validTo.isTextual() ? validTo.asText() : null,
                null,
                now,
                now,
                null);
        agreements.put(note.id(), note);
        return note.id();
      }
    }
    throw new AtollException(
        ErrorCode.NOT_FOUND,
        "there is no proposal '" + proposal + "' of this key's demands",
        "GET …/demands/{demand}/events tells proposals; they end with their demand");
  }

  private void forgetOld() throws InterruptedException {
    Instant before = Instant.now().minus(KEPT);
    for (AgreementNote note : agreements.all()) {
      if (note.state() != State.APPROVED && note.changedAt().isBefore(before)) {
        agreements.drop(note.id());
      }
    }
  }

  public Agreement show(String keyId, String id) {
    AgreementNote note = agreement(keyId, id);
    return new Agreement(
        note.id(),
        note.state().word(),
        note.validTo(),
        note.approvedAt(),
        note.createdAt(),
        note.session(),
        new Side(
            note.demand(),
            nets.requestor(keyId),
            null,
            null,
            note.createdAt(),
            note.wanted(),
            note.constraints()),
        new Side(
            null,
            null,
            note.node().text() + "." + note.driver(),
            note.provider(),
            note.createdAt(),
            note.offered(),
            "(&)"));
  }

  /// The provider's answer follows at once: it takes part if it is there.
  public void confirm(String keyId, String id, @Nullable String session)
      throws InterruptedException {
    AgreementNote note = agreement(keyId, id);
    if (note.state() == State.APPROVED) {
      return;
    }
    if (note.state() != State.PROPOSAL) {
      throw ended(note);
    }
    State next = offers.isOnline(note.node()) ? State.APPROVED : State.REJECTED;
    agreements.put(id, note.now(next, session, Instant.now()));
  }

  /// Returns once it is approved.
  ///
  /// @throws AtollException GONE if it is not going to be, TIMEOUT if nobody has confirmed it
  public void await(String keyId, String id, Duration wait) throws InterruptedException {
    long deadline = System.nanoTime() + wait.toNanos();
    while (true) {
      AgreementNote note = agreement(keyId, id);
      if (note.state() == State.APPROVED) {
        return;
      }
      if (note.state() != State.PROPOSAL) {
        throw ended(note);
      }
      if (System.nanoTime() - deadline >= 0) {
        throw new AtollException(
            ErrorCode.TIMEOUT, "agreement " + id + " is not confirmed", "POST …/confirm first");
      }
      Thread.sleep(LOOK);
    }
  }

  /// @return what it was
  AgreementNote terminate(String keyId, String id) throws InterruptedException {
    AgreementNote note = agreement(keyId, id);
    if (note.state() == State.TERMINATED || note.state() == State.CANCELLED) {
      throw ended(note);
    }
    State next = note.state() == State.APPROVED ? State.TERMINATED : State.CANCELLED;
    agreements.put(id, note.now(next, null, Instant.now()));
    return note;
  }

  /// @throws AtollException NOT_FOUND, or DENIED if it is another key's
  AgreementNote agreement(String keyId, String id) {
    AgreementNote note =
        agreements
            .get(id)
            .orElseThrow(
                () ->
                    new AtollException(
                        ErrorCode.NOT_FOUND,
                        "there is no agreement '" + id + "'",
                        "one that ended is kept for a day"));
    if (!note.keyId().equals(keyId)) {
      throw Nets.denied("agreement " + id);
    }
    return note;
  }

  static AtollException ended(AgreementNote note) {
    return new AtollException(
        ErrorCode.GONE,
        "agreement " + note.id() + " is " + note.state().word(),
        "make another, of another proposal");
  }

  private Demand demand(String keyId, String id) {
    Demand demand = demands.get(id);
    if (demand == null) {
      throw new AtollException(
          ErrorCode.NOT_FOUND,
          "there is no demand '" + id + "'",
          "demands end with this hub's daemon: POST …/demands again");
    }
    if (!demand.keyId.equals(keyId)) {
      throw Nets.denied("demand " + id);
    }
    return demand;
  }

  private static Known known(Demand demand, String proposal) {
    Known known = demand.proposals.get(proposal);
    if (known == null) {
      throw new AtollException(
          ErrorCode.NOT_FOUND,
          "demand " + demand.id + " has no proposal '" + proposal + "'",
          "GET …/events tells them");
    }
    return known;
  }

  /// A body of which what nobody asks for is no mistake: clients send more than is read here.
  static JsonNode object(byte[] body) {
    try {
      JsonNode node = Json.mapper().readTree(body);
      if (node != null && node.isObject()) {
        return node;
      }
    } catch (JsonProcessingException e) {
      // answered below, as what is no object
    } catch (IOException e) {
      throw new AtollException(
          ErrorCode.BAD_REQUEST, "the request's body is not JSON in UTF-8", "send an object", e);
    }
    throw new AtollException(
        ErrorCode.BAD_REQUEST,
        "the request's body is not a JSON object",
        "the contract is at /openapi.json");
  }
}
