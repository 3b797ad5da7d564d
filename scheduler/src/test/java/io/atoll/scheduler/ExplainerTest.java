package io.atoll.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Resources;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ExplainerTest {
  private static final long GI = 1L << 30;
  private static final Resources TOTAL = new Resources(4000, 4 * GI, 10 * GI);

  private static PeerId peer(char last) {
    return new PeerId("12D3KooW" + "P".repeat(39) + last);
  }

  private static NodeCapacity node(
      char last, NodeCapacity.Standing standing, Resources free, String... drivers) {
    return new NodeCapacity(
        peer(last),
        "node-" + last,
        standing,
        TOTAL,
        free,
        Set.of(drivers),
        Set.of(drivers),
        false,
        false,
        0);
  }

  private static Need need(String driver, Resources resources) {
    return new Need(driver, false, false, null, resources, Set.of());
  }

  private static Explanation explain(Need need, NodeCapacity... nodes) {
    return Explainer.explain(need, List.of(nodes), Map.of());
  }

  @Test
  void aNodeOfTheVersionBeforePutsNoTaskInNetworks() {
    Resources small = new Resources(500, GI, 0);
    Need need = new Need("docker", false, false, true, null, small, Set.of());
    NodeCapacity old = node('A', NodeCapacity.Standing.READY, TOTAL, "process", "docker");
    assertThat(old.suits(need)).isFalse();
    assertThat(explain(need, old).refusals().getFirst().reasons())
        .containsExactly("it knows no private networks");
    NodeCapacity young =
        new NodeCapacity(
            peer('B'),
            "node-B",
            NodeCapacity.Standing.READY,
            TOTAL,
            TOTAL,
            Set.of("process", "docker"),
            Set.of("process", "docker"),
            false,
            false,
            Set.of("process"),
            0);
    assertThat(young.suits(need)).isFalse();
    assertThat(explain(need, young).smallestChange()).isEqualTo("--driver process");
    assertThat(young.suits(new Need("process", false, false, true, null, small, Set.of())))
        .isTrue();
  }

  @Test
  void moreThanAnyNodeHas() {
    Explanation why =
        explain(
            need("process", new Resources(1000, 8 * GI, 0)),
            node('A', NodeCapacity.Standing.READY, TOTAL, "process"));
    assertThat(why.summary()).contains("more than any node has");
    assertThat(why.smallestChange()).isEqualTo("--memory 4Gi (asked: 8Gi)");
    assertThat(why.refusals().getFirst().reasons()).containsExactly("it has 4Gi of memory in all");
  }

  @Test
  void aBusyNodeIsWaitedFor() {
    NodeCapacity busy =
        node('A', NodeCapacity.Standing.READY, new Resources(1000, 4 * GI, 0), "process");
    Explanation why =
        Explainer.explain(
            need("process", new Resources(2500, GI, 0)),
            List.of(busy),
            Map.of(
                busy.id(),
                List.of(
                    new Explainer.Running("small", new Resources(500, 0, 0)),
                    new Explainer.Running("large", new Resources(2500, 0, 0)))));
    assertThat(why.smallestChange())
        .isEqualTo("wait for large to finish, or --cpus 1 (asked: 2.5)");
    assertThat(why.refusals().getFirst().reasons()).containsExactly("it has 1 of 4 cpus free");
  }

  @Test
  void noNodeOffersTheDriver() {
    Explanation why =
        explain(
            need("docker", new Resources(1, 1, 0)),
            node('A', NodeCapacity.Standing.READY, TOTAL, "process"),
            node('B', NodeCapacity.Standing.LOST, TOTAL, "process"));
    assertThat(why.summary()).isEqualTo("no node offers driver docker");
    assertThat(why.refusals().get(1).reasons())
        .containsExactly("it is silent", "it does not offer driver docker");
  }

  @Test
  void noNodeAtAll() {
    assertThat(explain(need("process", TOTAL)).smallestChange()).contains("atoll invite create");
  }

  @Test
  void theCheapestWayOutIsNamed() {
    // A is too small for ever, B is merely away.
    NodeCapacity small =
        new NodeCapacity(
            peer('A'),
            "node-A",
            NodeCapacity.Standing.READY,
            new Resources(100, GI, 0),
            new Resources(100, GI, 0),
            Set.of("process"),
            Set.of("process"),
            false,
            false,
            0);
    Explanation why =
        explain(
            need("process", new Resources(1000, GI, 0)),
            small,
            node('B', NodeCapacity.Standing.LOST, TOTAL, "process"));
    assertThat(why.smallestChange()).isEqualTo("bring node-B back");
  }

  @Test
  void aSizeThatIsSuggestedFits() {
    Resources odd = new Resources(1234, 12_345_678_901L, 0);
    NodeCapacity node =
        new NodeCapacity(
            peer('A'),
            "a",
            NodeCapacity.Standing.READY,
            odd,
            odd,
            Set.of("process"),
            Set.of("process"),
            false,
            false,
            0);
    Explanation why = explain(need("process", new Resources(2000, 99_000_000_000L, 0)), node);
    assertThat(why.smallestChange()).startsWith("--cpus 1.234 (asked: 2), --memory 11Gi ");
  }

  @Test
  void theWishesOfTheOwnerAreNamed() {
    Explanation why =
        explain(
            new Need("process", true, true, "node-B", new Resources(1, 1, 0), Set.of()),
            node('A', NodeCapacity.Standing.READY, TOTAL, "process"));
    assertThat(why.refusals().getFirst().reasons())
        .containsExactly(
            "the task asks for another node",
            "its owner does not allow tasks without a sandbox",
            "its owner does not let tasks publish ports (egress)");
  }
}
