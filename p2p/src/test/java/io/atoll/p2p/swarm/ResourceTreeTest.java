package io.atoll.p2p.swarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.testing.Fuzz;
import io.atoll.p2p.transport.Role;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ResourceTreeTest {
  private static final PeerId ALICE = Identity.generate().id();
  private static final PeerId BOB = Identity.generate().id();
  private final Refusals refusals = new Refusals();
  private final ResourceTree tree =
      new ResourceTree(
          new ResourceLimits(
              new ScopeLimit(3, 3, 4, 5, 5, 8, 100),
              new ScopeLimit(2, 2, 3, 4, 4, 6, 80),
              new ScopeLimit(1, 1, 1, 3, 3, 3, 50),
              new ScopeLimit(0, 0, 0, 1, 1, 1, 20),
              4),
          refusals);

  @Test
  void eachLimitRefusesByItsNameAndTakesNothing() throws Exception {
    var first = tree.connection(ALICE, Role.RESPONDER);
    tree.connection(ALICE, Role.RESPONDER);
    assertThatThrownBy(() -> tree.connection(ALICE, Role.RESPONDER))
        .isInstanceOf(ResourceRefused.class)
        .hasMessage("a peer may hold 2 connections-in here, and has them");
    tree.connection(BOB, Role.RESPONDER);
    assertThatThrownBy(() -> tree.connection(BOB, Role.RESPONDER))
        .hasMessageContaining("a system may hold 3 connections-in");
    for (int i = 0; i < 3; i++) {
      first.stream(Role.RESPONDER);
    }
    assertThatThrownBy(() -> first.stream(Role.INITIATOR))
        .hasMessageContaining("a connection may hold 3 streams");
    assertThat(refusals.counts())
        .containsExactlyInAnyOrderEntriesOf(
            java.util.Map.of(
                "peer-connections-in", 1L, "system-connections-in", 1L, "connection-streams", 1L));
    assertThat(tree.streams()).isEqualTo(3);
  }

  @Test
  void whatEndsGivesBackAllThatIsBelowIt() throws Exception {
    var connection = tree.connection(ALICE, Role.RESPONDER);
    var stream = connection.stream(Role.RESPONDER);
    stream.memory(20);
    assertThatThrownBy(() -> stream.memory(1)).hasMessageContaining("a stream may hold 20 memory");
    assertThat(tree.memory()).isEqualTo(20);
    connection.close();
    assertThat(tree.memory()).isZero();
    assertThat(tree.streams()).isZero();
    // A stream that ends after its connection gives back nothing again.
    stream.close();
    stream.close();
    assertThat(tree.streams()).isZero();
    assertThatThrownBy(() -> connection.stream(Role.RESPONDER)).hasMessageContaining("is closed");
    tree.connection(ALICE, Role.RESPONDER);
    tree.connection(ALICE, Role.RESPONDER);
  }

  /// Whatever opens and closes in whatever order: no limit is passed, and nothing is left.
  @Test
  void randomOrders() {
    Fuzz.rounds(
        "resources",
        500,
        random -> {
          List<ResourceTree.Scope> connections = new ArrayList<>();
          List<ResourceTree.Scope> all = new ArrayList<>();
          for (int i = 0; i < 60; i++) {
            try {
              switch (random.nextInt(4)) {
                case 0 -> {
                  var connection =
                      tree.connection(
                          random.nextBoolean() ? ALICE : BOB,
                          random.nextBoolean() ? Role.RESPONDER : Role.INITIATOR);
                  connections.add(connection);
                  all.add(connection);
                }
                case 1 -> {
                  if (!connections.isEmpty()) {
                    all.add(
                        connections.get(random.nextInt(connections.size())).stream(
                            random.nextBoolean() ? Role.RESPONDER : Role.INITIATOR));
                  }
                }
                case 2 -> {
                  if (!all.isEmpty()) {
                    all.get(random.nextInt(all.size())).memory(random.nextInt(30));
                  }
                }
                default -> {
                  if (!all.isEmpty()) {
                    all.get(random.nextInt(all.size())).close();
                  }
                }
              }
            } catch (ResourceRefused refused) {
              assertThat(refused.getMessage()).isNotBlank();
            }
            assertThat(tree.memory()).isBetween(0L, 100L);
            assertThat(tree.streams()).isBetween(0, 8);
          }
          all.forEach(ResourceTree.Scope::close);
          assertThat(tree.memory()).isZero();
          assertThat(tree.streams()).isZero();
        });
  }
}
