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

  /// A node whose addresses answer after so long, or not at all.
  private final class World {
    final PathMachine machine = new PathMachine(new Random(1));
    final Map<InetSocketAddress, Long> answers = new HashMap<>();
    final List<Path> used = new ArrayList<>();
    final Map<InetSocketAddress, Integer> probes = new HashMap<>();
    private final List<Map.Entry<Long, PathEvent>> coming = new ArrayList<>();
    long now;

    void event(PathEvent event) {
      for (PathAction action : machine.step(now, event)) {
        switch (action) {
          case PathAction.Use(Path path, String why) -> {
            assertThat(why).isNotEmpty();
            used.add(path);
          }
          case PathAction.Probe(InetSocketAddress address, long token) -> {
            probes.merge(address, 1, Integer::sum);
            Long after = answers.get(address);
            if (after != null) {
              coming.add(Map.entry(now + after, new PathEvent.Answered(address, token)));
            }
          }
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
  }

  @Test
  void theNearestAddressThatAnswersCarries() {
    World world = new World();
    world.answers.put(LOCAL, 400 * MILLI);
    world.answers.put(PUBLIC, 150 * MILLI);
    world.know(LOCAL, PUBLIC);
    assertThat(world.machine.path()).isEqualTo(new Path.Nowhere());
    world.pass(SECOND, true);
    assertThat(world.machine.path()).isEqualTo(new Path.Direct(PUBLIC));
    // One that becomes much nearer takes over; one as near does not.
    world.answers.put(LOCAL, 0L);
    world.pass(90 * SECOND, true);
    assertThat(world.machine.path()).isEqualTo(new Path.Direct(LOCAL));
    int changes = world.used.size();
    world.answers.put(PUBLIC, 50 * MILLI);
    world.pass(60 * SECOND, true);
    assertThat(world.used).hasSize(changes);
  }

  @Test
  void whileNoneAnswersOthersCarry() {
    World world = new World();
    world.know(PUBLIC);
    world.event(new PathEvent.Others(null, true));
    assertThat(world.machine.path()).isEqualTo(new Path.Stream());
    world.event(new PathEvent.Others(RELAY, true));
    assertThat(world.machine.path()).isEqualTo(new Path.Relayed(RELAY));
    world.pass(10 * SECOND, true);
    assertThat(world.machine.path()).isEqualTo(new Path.Relayed(RELAY));
    world.answers.put(PUBLIC, 20 * MILLI);
    world.pass(60 * SECOND, true);
    assertThat(world.machine.path()).isEqualTo(new Path.Direct(PUBLIC));
    world.answers.clear();
    long before = world.now;
    while (world.machine.path() instanceof Path.Direct) {
      world.pass(50 * MILLI, true);
    }
    assertThat(world.now - before).as("back on the relay").isBetween(2 * SECOND, 4 * SECOND);
    assertThat(world.machine.path()).isEqualTo(new Path.Relayed(RELAY));
    int changes = world.used.size();
    world.pass(60 * SECOND, true);
    assertThat(world.used).as("it does not swing").hasSize(changes);
    PathReport report = world.machine.report();
    assertThat(report.why()).contains("none of its addresses answers");
    assertThat(report.tried().getFirst().state()).isEqualTo(PathReport.State.SILENT);
  }

  @Test
  void whereAGenuinePacketCameFromIsTried() {
    World world = new World();
    world.answers.put(PUBLIC, 20 * MILLI);
    world.know(PUBLIC);
    world.pass(2 * SECOND, true);
    world.answers.clear();
    world.answers.put(MOVED, 20 * MILLI);
    world.event(new PathEvent.Heard(MOVED));
    world.pass(4 * SECOND, true);
    assertThat(world.machine.path()).isEqualTo(new Path.Direct(MOVED));
    world.know(PUBLIC);
    assertThat(world.machine.path()).isEqualTo(new Path.Direct(MOVED));
  }

  @Test
  void nobodyIsAskedForNothing() {
    World world = new World();
    world.know(LOCAL, PUBLIC);
    world.pass(60 * SECOND, false);
    assertThat(world.probes).isEmpty();
    world.event(new PathEvent.Wanted());
    world.pass(600 * SECOND, false);
    int asked = world.probes.getOrDefault(PUBLIC, 0);
    assertThat(asked).isBetween(6, 12);
    world.pass(600 * SECOND, false);
    assertThat(world.probes).containsEntry(PUBLIC, asked);
  }

  @Test
  void aRefusalIsTold() {
    World world = new World();
    world.know(PUBLIC);
    world.event(new PathEvent.Refused(PUBLIC, "network is unreachable"));
    PathReport.Tried tried = world.machine.report().tried().getFirst();
    assertThat(tried.state()).isEqualTo(PathReport.State.REFUSED);
    assertThat(tried.refused()).isEqualTo("network is unreachable");
  }

  /// Whatever happens: a direct path leads only where something genuine came from, within the last
  /// seconds; the number of addresses is bounded; an answer to no question changes nothing.
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

  @Test
  void keepsItsPromisesWhateverHappens() {
    Fuzz.rounds(
        "paths",
        300,
        random -> {
          PathMachine machine = new PathMachine(random);
          Map<InetSocketAddress, Long> genuine = new HashMap<>();
          Map<InetSocketAddress, Long> tokens = new HashMap<>();
          Set<InetSocketAddress> all = new HashSet<>();
          boolean stream = false;
          long now = 0;
          for (int i = 0; i < 300; i++) {
            now += random.nextLong(-SECOND, 2 * SECOND);
            InetSocketAddress address = MANY[random.nextInt(MANY.length)];
            PathEvent event =
                switch (random.nextInt(8)) {
                  case 0 -> {
                    genuine.put(address, now);
                    yield new PathEvent.Heard(address);
                  }
                  case 1 -> new PathEvent.Answered(address, random.nextLong());
                  case 2 -> {
                    Long token = tokens.remove(address);
                    if (token != null) {
                      genuine.put(address, now);
                    }
                    yield new PathEvent.Answered(address, token == null ? 0 : token);
                  }
                  case 3 ->
                      new PathEvent.Known(List.of(new Candidate(address, Candidate.Kind.OBSERVED)));
                  case 4 -> new PathEvent.Refused(address, "no");
                  case 5 -> {
                    stream = random.nextBoolean();
                    yield new PathEvent.Others(null, stream);
                  }
                  case 6 -> new PathEvent.Wanted();
                  default -> new PathEvent.Tick();
                };
            for (PathAction action : machine.step(now, event)) {
              if (action instanceof PathAction.Probe(InetSocketAddress to, long token)) {
                tokens.put(to, token);
                all.add(to);
              }
            }
            switch (machine.path()) {
              case Path.Direct(InetSocketAddress to) ->
                  holds(genuine.containsKey(to), "packets go where nothing genuine came from");
              case Path.Relayed _ -> throw new AssertionError("there is no relay");
              case Path.Stream() -> holds(stream, "there is no stream");
              case Path.Nowhere() -> holds(!stream, "the stream is there");
            }
            if (i % 16 == 0) {
              int tried = machine.report().tried().size();
              holds(tried <= PathMachine.MOST, "too many addresses are tried");
            }
            holds(machine.next() >= now, "it wants to be asked in the past");
          }
        });
  }
}
