package io.atoll.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.atoll.core.term.Cidr;
import io.atoll.core.term.IpAddress;
import io.atoll.e2e.LabPool.Member;
import io.atoll.runtime.docker.DockerEngine;
import io.atoll.runtime.docker.LoopbackRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// One network over a process, a container and a microVM on three machines, and with
/// `./dev soak network-all` a virtual machine: who is in it reaches all others, who is not finds
/// nobody. [LabPool] draws the machines.
@Tag("real")
@Timeout(1800)
@EnabledOnOs(OS.LINUX)
class AllDriversNetworkTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final Pattern RESULT =
      Pattern.compile("^tried (\\d+) answers (\\d+)$", Pattern.MULTILINE);
  private static final Pattern HELD = Pattern.compile("^held (\\d+) (\\d+)$", Pattern.MULTILINE);
  private static final String SERVE = "exec ./member serve ";
  private static final List<String> WAYS =
      List.of("name4", "name6", "ping4", "ping6", "tcp4", "tcp6", "udp4", "udp6");

  @RegisterExtension static final DockerEngine ENGINE = DockerEngine.withoutNetwork();
  @RegisterExtension static final LoopbackRegistry REGISTRY = new LoopbackRegistry();

  @TempDir static Path folder;
  private static LabPool labs;
  private static List<Member> members;

  @BeforeAll
  static void start() throws Exception {
    boolean machines = Integer.getInteger("atoll.fuzz.rounds", 0) > 0;
    labs = LabPool.start(folder, ENGINE, REGISTRY, machines);
    labs.network("mynet", null);
    members = new ArrayList<>();
    join("a", "process", "p1");
    join("b", "docker", "p2");
    join("c", "microvm", "p3");
    if (machines) {
      join("d", "vm", "p3");
    }
    members.forEach(one -> labs.awaitSaid(one, "serving " + one.name()));
  }

  private static void join(String name, String driver, String node) throws Exception {
    members.add(labs.join(name, driver, node, "mynet", null, SERVE + name));
  }

  @AfterAll
  static void stop() {
    if (labs != null) {
      labs.close();
    }
  }

  @Test
  void everyPairTalksInEveryWay() throws Exception {
    for (Member from : members) {
      List<String> words = new ArrayList<>(List.of("/tmp/member", "check"));
      List<String> expected = new ArrayList<>();
      for (Member to : members) {
        if (!to.equals(from)) {
          words.add(to.word());
          WAYS.forEach(way -> expected.add("good " + to.host() + " " + way));
        }
      }
      String said = labs.beside(from, words.toArray(String[]::new));
      assertThat(said.lines()).as("from %s", from).containsExactlyElementsOf(expected);
    }
    for (Member from : members) {
      labs.beside(from, "/tmp/member", "many", from.name());
      for (Member to : members) {
        if (!to.equals(from)) {
          labs.awaitSaid(to, "heard4 " + from.name() + "\n");
          labs.awaitSaid(to, "heard6 " + from.name() + "\n");
        }
      }
    }
  }

  @Test
  void aPayloadSeesItsCardAndNoneOfItsHost() throws Exception {
    for (Member one : members) {
      List<String> seen = labs.beside(one, "/tmp/member", "look").lines().distinct().toList();
      assertThat(seen)
          .as(one.name())
          .allMatch(line -> line.startsWith("lo ") || line.startsWith("net0 "))
          .contains("lo 127.0.0.1", "net0 " + one.v4(), "net0 " + one.v6())
          .noneMatch(line -> line.contains(" 198.18.") || line.contains(" fd98:"));
    }
  }

  /// From the machine of a member itself, from one that has no part in it, and from the wire.
  @Test
  void whoIsInNoNetworkGetsNoAnswer() throws Exception {
    Member inside = members.getFirst();
    Member other = members.get(1);
    // The very same tools find who is there to be found.
    assertThat(answers(scan(inside, other))).isGreaterThan(1000);
    String gateway = labs.lab.gateway(LabPool.AWAY);
    String gateway6 = labs.lab.gateway6(LabPool.AWAY);
    assertThat(answers(labs.stranger(LabPool.AWAY, "arp", "eth", gateway))).isPositive();
    assertThat(answers(labs.stranger(LabPool.AWAY, "frames", "eth", gateway, gateway6)))
        .isPositive();

    for (Member one : members) {
      String v4 = text(one.v4());
      String v6 = text(one.v6());
      for (String from : List.of(one.node(), LabPool.AWAY)) {
        long before = labs.lab.straysAtRouter();
        long tried = silent(labs.stranger(from, "scan", v4, v6));
        tried += silent(labs.stranger(from, "arp", "eth", v4));
        tried += silent(labs.stranger(from, "frames", "eth", v4, v6));
        assertThat(tried).isGreaterThan(2000);
        assertThat(labs.lab.straysAtRouter() - before).as("from %s", from).isGreaterThan(1500);
      }
      long before = labs.lab.strays(one.node());
      String wire = labs.lab.wire(one.node());
      long tried = silent(labs.strangerOnRouter("arp", wire, v4));
      tried += silent(labs.strangerOnRouter("frames", wire, v4, v6));
      // A third of the frames is for another card, and ends there.
      assertThat(labs.lab.strays(one.node()) - before).isGreaterThan(tried / 2);
    }
  }

  /// What a node's own socket is sent: noise, what looks like its protocols, and what was genuine.
  @Test
  void aNodeAnswersNobodyItDoesNotKnow() throws Exception {
    double strange = labs.metric("p2", "atoll_net_datagrams_strange_total");
    double before = refused("p2");
    long tried =
        silent(labs.stranger(LabPool.AWAY, "node", labs.lab.address("p2"), "" + LabPool.PORT));
    assertThat(tried).isGreaterThan(150);
    // A machine that is busy reads them a little later. Two of the nine kinds, twenty of each, are
    // of
    // no protocol here.
    await().atMost(PATIENCE).until(() -> refused("p2") - before > 50);
    await()
        .atMost(PATIENCE)
        .until(() -> labs.metric("p2", "atoll_net_datagrams_strange_total") - strange > 30);

    Member ticker =
        labs.join(
            "ticker", "process", "p1", "mynet", null, "exec ./member tick b b.mynet.internal");
    labs.awaitSaid(ticker, "tick-b ");
    double replayed = datagrams("p2", "replayed");
    long again =
        tried(labs.strangerOnRouter("replay", labs.lab.wire("p2"), "" + LabPool.PORT, "100"));
    assertThat(again).isEqualTo(500);
    assertThat(datagrams("p2", "replayed") - replayed).isGreaterThan(again * 0.9);
    labs.stop(ticker);
  }

  private static double refused(String node) throws Exception {
    double sum = 0;
    for (String outcome :
        List.of("malformed", "unknown_session", "not_for_us", "wrong_answer", "throttled")) {
      sum += datagrams(node, outcome);
    }
    return sum;
  }

  private static double datagrams(String node, String outcome) throws Exception {
    return labs.metric(node, "atoll_net_datagrams_total{outcome=\"" + outcome + "\"}");
  }

  /// One with the very same addresses, on the same nodes, and one of its members may do all that
  /// root of a machine may.
  @Test
  void aMemberOfAnotherNetworkGetsNoAnswer() throws Exception {
    Cidr block = labs.pool().client.privateNetworks().show("mynet").v4();
    labs.network("twin", block.toString());
    IpAddress first = block.base().plus(200);
    Member spy = labs.join("spy", "process", "p1", "twin", text(first), SERVE + "spy");
    Member mole = labs.join("mole", "microvm", "p3", "twin", text(first.plus(1)), SERVE + "mole");
    labs.awaitSaid(spy, "serving");
    labs.awaitSaid(mole, "serving");
    // In its own network it is somebody, and so are others.
    assertThat(answers(scan(spy, mole))).isGreaterThan(1000);
    for (Member one : members) {
      String v4 = text(one.v4());
      String v6 = text(one.v6());
      double before = lost("p1");
      assertThat(silent(scan(spy, one))).isGreaterThan(2000);
      // Many more, unless the machine is so busy that the card's own queue is full.
      assertThat(lost("p1") - before).isGreaterThan(100);
      // A card of Ethernet has to ask first who has the address, and is not told.
      before = lost("p3");
      assertThat(silent(scan(mole, one))).isGreaterThan(2000);
      assertThat(lost("p3") - before).isPositive();
      before = lost("p3");
      assertThat(silent(labs.beside(mole, "/tmp/stranger", "arp", "net0", v4))).isPositive();
      assertThat(silent(labs.beside(mole, "/tmp/stranger", "frames", "net0", v4, v6))).isPositive();
      assertThat(lost("p3") - before).isGreaterThan(20);
    }
    labs.stop(spy);
    labs.stop(mole);
  }

  private static String scan(Member from, Member to) throws Exception {
    return labs.beside(from, "/tmp/stranger", "scan", text(to.v4()), text(to.v6()));
  }

  private static double lost(String node) throws Exception {
    double sum = 0;
    for (String cause : List.of("nobody", "outside", "forged", "unanswered", "flood")) {
      sum += labs.metric(node, "atoll_net_packets_lost_total{cause=\"" + cause + "\"}");
    }
    return sum;
  }

  @Test
  void aMovedProviderKeepsItsConnections() throws Exception {
    Member holder =
        labs.join("holder", "process", "p1", "mynet", null, "exec ./member hold b.mynet.internal");
    await().atMost(PATIENCE).until(() -> held(holder) > 20);
    for (String moved : List.of("p2", "p1")) {
      String before = labs.lab.address(moved);
      long now = held(holder);
      labs.lab.move(moved);
      assertThat(labs.lab.inside(moved, "ip", "addr")).doesNotContain(before + "/");
      // Its hub loses it for a while, and with it what its payloads say.
      await().ignoreExceptions().atMost(PATIENCE).until(() -> held(holder) > now + 50);
      labs.pool().awaitOnline(3);
    }
    String said = labs.said(holder);
    assertThat(said).doesNotContain("FAILED");
    System.out.println("two moves under a connection: " + gap(said) + " ms without an answer");
    Member there = members.get(1);
    assertThat(labs.beside(members.getFirst(), "/tmp/member", "check", there.word()))
        .doesNotContain("BAD");
    labs.stop(holder);
  }

  private static long held(Member who) throws InterruptedException {
    Matcher lines = HELD.matcher(labs.said(who));
    long last = 0;
    while (lines.find()) {
      last = Long.parseLong(lines.group(2));
    }
    return last;
  }

  /// The longest time between two lines.
  private static long gap(String said) {
    Matcher lines = HELD.matcher(said);
    long longest = 0;
    long before = 0;
    while (lines.find()) {
      long now = Long.parseLong(lines.group(1));
      longest = before == 0 ? 0 : Math.max(longest, now - before);
      before = now;
    }
    return longest;
  }

  private static String text(IpAddress address) {
    return address.toString();
  }

  private static long answers(String said) {
    return result(said, 2);
  }

  private static long tried(String said) {
    return result(said, 1);
  }

  /// How many were tried; nobody answered.
  private static long silent(String said) {
    assertThat(answers(said)).as(said).isZero();
    return tried(said);
  }

  private static long result(String said, int group) {
    Matcher result = RESULT.matcher(said);
    assertThat(result.find()).as(said).isTrue();
    return Long.parseLong(result.group(group));
  }
}
