package io.atoll.vpn.path;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.testing.Fuzz;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PathMachineTest {
  private static final long MILLI = 1_000_000L;
  private static final long SECOND = 1000 * MILLI;
  private static final InetSocketAddress LOCAL = new InetSocketAddress("10.0.0.1", 7464);
  private static final InetSocketAddress PUBLIC = new InetSocketAddress("192.0.2.1", 7464);
  private static final InetSocketAddress MOVED = new InetSocketAddress("198.51.100.9", 999);
  private static final PeerId RELAY = Identity.generate().id();
  private static final PeerId FAR_RELAY = Identity.generate().id();

  private static Path at(InetSocketAddress address) {
    return new Path.Direct(address);
  }

  private static Path by(PeerId relay) {
    return new Path.Relayed(relay);
  }

  /// A node that answers on each way after so long, or not at all.
  private static final class World {
    final PathMachine machine = new PathMachine(new Random(1));
    final Map<Path, Long> answers = new HashMap<>();
    final List<Path> used = new ArrayList<>();
    final Map<Path, Integer> probes = new HashMap<>();
    int calls;
    int lossPercent;
    private final Random loss = new Random(2);
    private final List<Map.Entry<Long, PathEvent>> coming = new ArrayList<>();
    long now;

    void event(PathEvent event) {
      for (PathAction action : machine.step(now, event)) {
        switch (action) {
          case PathAction.Use(Path path, boolean _, String why) -> {
            assertThat(why).isNotEmpty();
            used.add(path);
          }
          case PathAction.Probe(Path over, long token) -> {
            probes.merge(over, 1, Integer::sum);
            Long after = answers.get(over);
            if (after != null && loss.nextInt(100) >= lossPercent) {
              coming.add(Map.entry(now + after, new PathEvent.Answered(over, token)));
            }
          }
          case PathAction.Call() -> calls++;
        }
      }
    }

    /// Lets time pass; something is sent all the while if `busy`.
    void pass(long nanos, boolean busy) {
      long end = now + nanos;
      while (now < end) {
        now += 50 * MILLI;
        for (Map.Entry<Long, PathEvent> entry : List.copyOf(coming)) {
          if (entry.getKey() <= now) {
            coming.remove(entry);
            event(entry.getValue());
          }
        }
        event(busy ? new PathEvent.Wanted() : new PathEvent.Tick());
      }
    }

    void know(InetSocketAddress... addresses) {
      event(
          new PathEvent.Known(
              List.of(addresses).stream()
                  .map(address -> new Candidate(address, Candidate.Kind.LOCAL))
                  .toList()));
    }

    /// How long it takes until packets go that way.
    long until(Path path) {
      long before = now;
      while (!machine.path().equals(path)) {
        assertThat(now - before).as("still " + machine.path()).isLessThan(60 * SECOND);
        pass(50 * MILLI, true);
      }
      return now - before;
    }
  }

  @Test
  void theNearestAddressThatAnswersCarries() {
    World world = new World();
    world.answers.put(at(LOCAL), 400 * MILLI);
    world.answers.put(at(PUBLIC), 150 * MILLI);
    world.know(LOCAL, PUBLIC);
    assertThat(world.machine.path()).isEqualTo(new Path.Nowhere());
    world.pass(SECOND, true);
    assertThat(world.machine.path()).isEqualTo(at(PUBLIC));
    // One that becomes much nearer takes over; one as near does not.
    world.answers.put(at(LOCAL), 0L);
    world.pass(90 * SECOND, true);
    assertThat(world.machine.path()).isEqualTo(at(LOCAL));
    int changes = world.used.size();
    world.answers.put(at(PUBLIC), 50 * MILLI);
    world.pass(60 * SECOND, true);
    assertThat(world.used).hasSize(changes);
  }

  @Test
  void whileNoAddressAnswersOthersCarry() {
    World world = new World();
    world.know(PUBLIC);
    world.event(new PathEvent.Streams(true));
    assertThat(world.machine.path()).isEqualTo(new Path.Stream());
    world.answers.put(by(FAR_RELAY), 200 * MILLI);
    world.event(new PathEvent.Relays(List.of(RELAY, FAR_RELAY)));
    assertThat(world.until(by(FAR_RELAY))).as("a relay has to answer").isLessThan(SECOND);
    world.answers.put(by(RELAY), 20 * MILLI);
    assertThat(world.until(by(RELAY))).as("the nearer relay").isLessThan(60 * SECOND);
    world.answers.put(at(PUBLIC), 100 * MILLI);
    world.until(at(PUBLIC));
    world.pass(60 * SECOND, true);
    assertThat(world.machine.path()).as("no relay, even where it is nearer").isEqualTo(at(PUBLIC));
    // What answers no more: the relay is used at once, and if it goes, the stream.
    world.answers.remove(at(PUBLIC));
    assertThat(world.until(by(RELAY))).isLessThanOrEqualTo(2 * SECOND);
    int changes = world.used.size();
    world.pass(60 * SECOND, true);
    assertThat(world.used).as("it does not swing").hasSize(changes);
    PathReport report = world.machine.report();
    assertThat(report.why()).contains("none of its addresses answers");
    assertThat(report.tried().getFirst().over()).isEqualTo(by(RELAY));
    assertThat(report.tried().getLast().state()).isEqualTo(PathReport.State.SILENT);
    assertThat(report.tried().getLast().failures()).isEqualTo(1);
    world.answers.clear();
    assertThat(world.until(new Path.Stream())).isLessThan(40 * SECOND);
    world.event(new PathEvent.Streams(false));
    assertThat(world.machine.path()).isEqualTo(new Path.Nowhere());
  }

  @Test
  void anAddressThatFailedIsWatchedBeforeItIsUsedAgain() {
    World world = new World();
    world.answers.put(at(PUBLIC), 20 * MILLI);
    world.answers.put(by(RELAY), 30 * MILLI);
    world.know(PUBLIC);
    world.event(new PathEvent.Relays(List.of(RELAY)));
    world.until(at(PUBLIC));
    world.pass(20 * SECOND, true);
    long before = 0;
    for (int i = 0; i < 4; i++) {
      world.answers.remove(at(PUBLIC));
      assertThat(world.until(by(RELAY))).isLessThanOrEqualTo(2 * SECOND);
      world.answers.put(at(PUBLIC), 20 * MILLI);
      world.event(new PathEvent.Called());
      long back = world.until(at(PUBLIC));
      assertThat(back).as("longer each time").isBetween(before + 500 * MILLI, 20 * SECOND);
      before = back;
    }
  }

  @Test
  void someLossIsNoFailure() {
    World world = new World();
    world.answers.put(at(PUBLIC), 20 * MILLI);
    world.answers.put(by(RELAY), 30 * MILLI);
    world.know(PUBLIC);
    world.event(new PathEvent.Relays(List.of(RELAY)));
    world.pass(10 * SECOND, true);
    assertThat(world.machine.path()).isEqualTo(at(PUBLIC));
    world.lossPercent = 10;
    world.pass(300 * SECOND, true);
    assertThat(world.used).hasSizeLessThan(6);
    assertThat(world.machine.path()).isEqualTo(at(PUBLIC));
  }

  @Test
  void whereAGenuinePacketCameFromIsTried() {
    World world = new World();
    world.answers.put(at(PUBLIC), 20 * MILLI);
    world.know(PUBLIC);
    world.pass(2 * SECOND, true);
    world.answers.clear();
    world.answers.put(at(MOVED), 20 * MILLI);
    world.event(new PathEvent.Heard(at(MOVED)));
    assertThat(world.until(at(MOVED))).isLessThanOrEqualTo(SECOND);
    world.know(PUBLIC);
    assertThat(world.machine.path()).isEqualTo(at(MOVED));
  }

  @Test
  void whoAnswersNoProbesIsSentToWhereItWasLastHeard() {
    World world = new World();
    world.event(new PathEvent.Known(List.of(new Candidate(PUBLIC, Candidate.Kind.TOLD))));
    assertThat(world.machine.path()).isEqualTo(at(PUBLIC));
    world.pass(10 * SECOND, true);
    assertThat(world.machine.path()).isEqualTo(at(PUBLIC));
    world.event(new PathEvent.Heard(at(MOVED)));
    assertThat(world.machine.path()).isEqualTo(at(MOVED));
    world.pass(600 * SECOND, false);
    assertThat(world.machine.path()).isEqualTo(at(MOVED));
    world.event(new PathEvent.Wanted());
    world.event(new PathEvent.Heard(at(LOCAL)));
    assertThat(world.machine.path()).isEqualTo(at(LOCAL));
  }

  /// A question shows where somebody may be, and no more: it may be an old one, sent by another.
  @Test
  void aQuestionMovesNothing() {
    World world = new World();
    world.answers.put(at(PUBLIC), 20 * MILLI);
    world.know(PUBLIC);
    world.pass(2 * SECOND, true);
    world.event(new PathEvent.Asked(MOVED));
    world.pass(10 * SECOND, true);
    assertThat(world.machine.path()).isEqualTo(at(PUBLIC));
    assertThat(world.probes.get(at(MOVED))).as("it is asked in turn").isPositive();
  }

  @Test
  void nobodyIsAskedForNothing() {
    World world = new World();
    world.know(LOCAL, PUBLIC);
    world.pass(60 * SECOND, false);
    assertThat(world.probes).isEmpty();
    assertThat(world.calls).isZero();
    world.event(new PathEvent.Wanted());
    world.pass(600 * SECOND, false);
    int asked = world.probes.getOrDefault(at(PUBLIC), 0);
    assertThat(asked).isBetween(6, 12);
    assertThat(world.calls).isBetween(3, 10);
    world.pass(600 * SECOND, false);
    assertThat(world.probes).containsEntry(at(PUBLIC), asked);
    assertThat(world.machine.next()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void aRefusalIsTold() {
    World world = new World();
    world.know(PUBLIC);
    world.event(new PathEvent.Refused(at(PUBLIC), "network is unreachable"));
    PathReport.Tried tried = world.machine.report().tried().getFirst();
    assertThat(tried.state()).isEqualTo(PathReport.State.REFUSED);
    assertThat(tried.refused()).isEqualTo("network is unreachable");
  }

  private static final InetSocketAddress[] MANY =
      IntStream.range(0, 80)
          .mapToObj(i -> new InetSocketAddress("10.0.0." + i / 2, 1 + i % 2))
          .toArray(InetSocketAddress[]::new);

  /// Quicker than an assertion of a library: it is asked millions of times.
  private static void holds(boolean so, String otherwise) {
    if (!so) {
      throw new AssertionError(otherwise);
    }
  }

  /// Whatever happens: a direct path leads only where something genuine came from or an answer did,
  /// a relayed one over a relay that there is; the number of ways is bounded; an answer to no
  /// question changes nothing.
  @Test
  void keepsItsPromisesWhateverHappens() {
    Fuzz.rounds(
        "paths",
        300,
        random -> {
          PathMachine machine = new PathMachine(random);
          Set<Path> genuine = new HashSet<>();
          Map<Path, Long> tokens = new HashMap<>();
          Set<PeerId> relays = new HashSet<>();
          boolean stream = false;
          long now = 0;
          for (int i = 0; i < 300; i++) {
            now += random.nextLong(-SECOND, 2 * SECOND);
            Path over =
                random.nextInt(6) == 0
                    ? by(random.nextBoolean() ? RELAY : FAR_RELAY)
                    : at(MANY[random.nextInt(MANY.length)]);
            PathEvent event =
                switch (random.nextInt(10)) {
                  case 0 -> {
                    genuine.add(over);
                    yield new PathEvent.Heard(over);
                  }
                  case 1 -> new PathEvent.Answered(over, random.nextLong());
                  case 2 -> {
                    Long token = tokens.remove(over);
                    if (token != null) {
                      genuine.add(over);
                    }
                    yield new PathEvent.Answered(over, token == null ? 0 : token);
                  }
                  case 3 ->
                      over instanceof Path.Direct(InetSocketAddress address)
                          ? new PathEvent.Known(
                              List.of(new Candidate(address, Candidate.Kind.OBSERVED)))
                          : new PathEvent.Moved();
                  case 4 -> new PathEvent.Refused(over, "no");
                  case 5 -> {
                    stream = random.nextBoolean();
                    yield new PathEvent.Streams(stream);
                  }
                  case 6 -> new PathEvent.Wanted();
                  case 7 -> {
                    relays.clear();
                    if (random.nextBoolean()) {
                      relays.add(RELAY);
                    }
                    if (random.nextBoolean()) {
                      relays.add(FAR_RELAY);
                    }
                    yield new PathEvent.Relays(List.copyOf(relays));
                  }
                  case 8 ->
                      over instanceof Path.Direct(InetSocketAddress address)
                          ? new PathEvent.Asked(address)
                          : new PathEvent.Called();
                  default -> new PathEvent.Tick();
                };
            for (PathAction action : machine.step(now, event)) {
              if (action instanceof PathAction.Probe(Path to, long token)) {
                tokens.put(to, token);
              }
            }
            switch (machine.path()) {
              case Path.Direct direct ->
                  holds(genuine.contains(direct), "packets go where nothing genuine came from");
              case Path.Relayed relayed -> {
                holds(genuine.contains(relayed), "packets go over a relay that did not answer");
                holds(relays.contains(relayed.relay()), "there is no such relay");
              }
              case Path.Stream() -> holds(stream, "there is no stream");
              case Path.Nowhere() -> holds(!stream, "the stream is there");
            }
            if (i % 16 == 0) {
              int tried = machine.report().tried().size();
              holds(tried <= PathMachine.MOST + PathMachine.MOST_RELAYS, "too many ways are tried");
            }
            holds(machine.next() >= now, "it wants to be asked in the past");
          }
        });
  }
}
