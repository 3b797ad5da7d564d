package io.atoll.p2p.gossip.machine;

import com.google.protobuf.ByteString;
import io.atoll.core.identity.PeerId;
import io.atoll.p2p.gossip.machine.GossipAction.Send;
import io.atoll.p2p.gossip.machine.GossipEvent.Verdict;
import io.atoll.p2p.sim.VirtualTime;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/// Nodes of the production machine in virtual time, some of them hostile: these take part in the
/// meshes, pass nothing on, forge messages, promise what they do not have, ask to be grafted again
/// and again, and ask for everything. Honest ones publish, and the simulation counts whom each
/// message reaches within ten hops.
final class GossipSimulation {
  private static final String TOPIC = "atoll/offers";
  private static final int DIALS = 12;
  private static final int MOST_HOPS = 10;
  private static final ByteString FORGED = ByteString.copyFromUtf8("forged");

  /// @param reached honest nodes that got a message within ten hops, over all messages
  /// @param wanted how many there were to reach
  /// @param worst the least share that any one message reached within ten hops
  /// @param worstAtAll the least share that any one message reached, by however many hops
  /// @param hostileInMeshes hostile peers in the meshes of honest nodes at the end
  record Result(
      int messages,
      long reached,
      long wanted,
      double worst,
      double worstAtAll,
      int mostHops,
      double copies,
      int wrongAccepted,
      long hostileInMeshes,
      long inMeshes,
      long events,
      long trace) {
    double share() {
      return (double) reached / wanted;
    }
  }

  private final class Node {
    private final int index;
    private final PeerId id;
    private final boolean hostile;
    private final GossipMachine machine;
    private final Map<MessageId, Integer> hops = new HashMap<>();
    private final List<Node> linked = new ArrayList<>();

    Node(int index, boolean hostile) {
      byte[] bytes = new byte[38];
      random.nextBytes(bytes);
      System.arraycopy(new byte[] {0, 36, 8, 1, 18, 32}, 0, bytes, 0, 6);
      this.index = index;
      this.id = PeerId.of(bytes);
      this.hostile = hostile;
      this.machine = new GossipMachine(GossipConfig.defaults(), id, new Random(random.nextLong()));
    }

    void step(GossipEvent event, int hop) {
      for (GossipAction action : machine.step(time.now(), event)) {
        switch (action) {
          case Send send -> {
            if (!hostile || send.rpc().publish().isEmpty()) {
              deliver(this, byId(send.to()), send.rpc(), hop);
            }
          }
          case GossipAction.Check check ->
              time.after(
                  1_000_000,
                  () ->
                      step(
                          new GossipEvent.Judged(
                              check.check(),
                              check.message().data().startsWith(FORGED)
                                  ? Verdict.REJECT
                                  : Verdict.ACCEPT),
                          hop));
          case GossipAction.Deliver delivered -> {
            if (delivered.message().data().startsWith(FORGED)) {
              wrongAccepted++;
            }
            hops.put(delivered.message().id(), hop);
            time.note(index * 1000L + hop);
          }
          case GossipAction.Meet _ -> {}
        }
      }
    }

    private void beat() {
      step(new GossipEvent.Heartbeat(), 0);
      if (hostile) {
        attack();
      }
      time.after(Duration.ofSeconds(1), this::beat);
    }

    /// What an honest machine never sends.
    private void attack() {
      for (Node other : linked) {
        if (random.nextInt(4) != 0) {
          continue;
        }
        List<GossipMessage> forged = new ArrayList<>();
        List<Rpc.IHave> promised = new ArrayList<>();
        List<String> graft = new ArrayList<>();
        switch (random.nextInt(4)) {
          case 0 -> forged.add(message(other.id, FORGED));
          case 1 -> {
            List<MessageId> ids = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
              ids.add(message(other.id, FORGED).id());
            }
            promised.add(new Rpc.IHave(TOPIC, ids));
          }
          case 2 -> graft.add(TOPIC);
          default -> {} // it only keeps silent
        }
        deliver(
            this,
            other,
            new Rpc(
                List.of(), forged, promised, List.copyOf(seenByAll), graft, List.of(), List.of()),
            0);
      }
    }
  }

  private final VirtualTime time = new VirtualTime();
  private final Random random;
  private final List<Node> nodes = new ArrayList<>();
  private final Map<PeerId, Node> byId = new LinkedHashMap<>();
  private final List<MessageId> seenByAll = new ArrayList<>();
  private long nextSeqno = 1;
  private long copies;
  private int wrongAccepted;

  private GossipSimulation(long seed) {
    random = new Random(seed);
  }

  static Result run(long seed, int size, double hostile, int messages) {
    var simulation = new GossipSimulation(seed);
    simulation.grow(size, hostile);
    return simulation.publish(messages);
  }

  private Node byId(PeerId id) {
    return byId.get(id);
  }

  private void grow(int size, double hostile) {
    for (int i = 0; i < size; i++) {
      Node node = new Node(i, i < size * hostile);
      nodes.add(node);
      byId.put(node.id, node);
    }
    Collections.shuffle(nodes, random);
    for (Node node : nodes) {
      for (int i = 0; i < DIALS; i++) {
        Node other = nodes.get(random.nextInt(nodes.size()));
        if (other != node && !node.linked.contains(other)) {
          time.after(random.nextLong(5_000_000_000L), () -> link(node, other));
        }
      }
      node.step(new GossipEvent.Join(TOPIC), 0);
      time.after(random.nextLong(1_000_000_000L), node::beat);
    }
    time.run(Duration.ofSeconds(30));
  }

  private void link(Node from, Node to) {
    if (from.linked.contains(to)) {
      return;
    }
    from.linked.add(to);
    to.linked.add(from);
    from.step(new GossipEvent.PeerOpened(to.id, Version.V1_2, true, Optional.empty()), 0);
    to.step(new GossipEvent.PeerOpened(from.id, Version.V1_2, false, Optional.empty()), 0);
  }

  private Result publish(int count) {
    List<GossipMessage> published = new ArrayList<>();
    List<Node> honest = nodes.stream().filter(node -> !node.hostile).toList();
    for (int i = 0; i < count; i++) {
      time.after(
          random.nextLong(Duration.ofSeconds(30).toNanos()),
          () -> {
            Node author = honest.get(random.nextInt(honest.size()));
            byte[] data = new byte[random.nextBoolean() ? 100 : 2000];
            GossipMessage message = message(author.id, ByteString.copyFrom(data));
            published.add(message);
            seenByAll.add(message.id());
            author.hops.put(message.id(), 0);
            author.step(new GossipEvent.Publish(message), 0);
          });
    }
    time.run(Duration.ofSeconds(45));
    long reached = 0;
    double worst = 1;
    double worstAtAll = 1;
    int mostHops = 0;
    for (GossipMessage message : published) {
      int got = 0;
      int gotAtAll = 0;
      for (Node node : honest) {
        int hops = node.hops.getOrDefault(message.id(), Integer.MAX_VALUE);
        got += hops <= MOST_HOPS ? 1 : 0;
        gotAtAll += hops < Integer.MAX_VALUE ? 1 : 0;
        mostHops = hops == Integer.MAX_VALUE ? mostHops : Math.max(mostHops, hops);
      }
      reached += got;
      worst = Math.min(worst, (double) got / honest.size());
      worstAtAll = Math.min(worstAtAll, (double) gotAtAll / honest.size());
    }
    long hostileInMeshes =
        honest.stream()
            .flatMap(node -> node.machine.mesh(TOPIC).stream())
            .filter(peer -> byId(peer).hostile)
            .count();
    long inMeshes = honest.stream().mapToLong(node -> node.machine.mesh(TOPIC).size()).sum();
    long wanted = (long) published.size() * honest.size();
    return new Result(
        published.size(),
        reached,
        wanted,
        worst,
        worstAtAll,
        mostHops,
        (double) copies / Math.max(1, wanted),
        wrongAccepted,
        hostileInMeshes,
        inMeshes,
        time.events(),
        time.trace());
  }

  private GossipMessage message(PeerId author, ByteString data) {
    ByteString seqno = ByteString.copyFrom(ByteBuffer.allocate(8).putLong(nextSeqno++).array());
    return GossipMessage.decode(
        GossipMessage.encode(
            ByteString.copyFrom(author.bytes()),
            data,
            seqno,
            TOPIC,
            ByteString.copyFromUtf8("signed")));
  }

  /// A message counts a hop more at each node that it comes to.
  private void deliver(Node from, Node to, Rpc rpc, int hop) {
    int next = hop;
    for (GossipMessage message : rpc.publish()) {
      copies++;
      // What was asked for comes out of the cache, however long ago it came in.
      next = from.hops.getOrDefault(message.id(), hop) + 1;
    }
    int hops = next;
    time.note(from.index * 4096L + to.index);
    time.after(
        5_000_000L + random.nextLong(95_000_000L),
        () -> to.step(new GossipEvent.Received(from.id, rpc), hops));
  }
}
