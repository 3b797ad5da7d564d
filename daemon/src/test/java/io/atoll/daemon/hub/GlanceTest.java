package io.atoll.daemon.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.atoll.client.api.NetworkView;
import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.NetworkId;
import io.atoll.daemon.hub.machine.Decision;
import io.atoll.daemon.hub.machine.HubAction;
import io.atoll.daemon.hub.machine.HubConfig;
import io.atoll.daemon.hub.machine.HubEvent;
import io.atoll.daemon.store.Reserve;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What is shown to whoever measures a hub.
@Timeout(25)
class GlanceTest {
  @TempDir Path folder;

  private static final class NoEffects implements HubLoop.Effects {
    @Override
    public void act(HubAction action) {}

    @Override
    public void committed(List<Decision> group, long lastSeq) {}

    @Override
    public void reloaded() {}
  }

  @Test
  void aDiskThatHangsHoldsNobodyUp() throws Exception {
    FullStore store = new FullStore();
    Reserve reserve = Reserve.of(folder);
    assertThat(reserve.make()).isTrue();
    HubLoop loop = new HubLoop(HubConfig.defaults("test"), store, reserve, new NoEffects());
    Glance<List<NetworkView>> networks =
        new Glance<>(
            () -> loop.asked((machine, _) -> machine.networks()), List.of(), Duration.ofMillis(50));
    CountDownLatch hangs = new CountDownLatch(1);
    try {
      loop.start();
      PeerId owner = Identity.generate().id();
      NetworkId id = new NetworkId("n000000000001");
      loop.happened(new HubEvent.CreateNetwork(1, id, owner, "mynet", null, false));
      await().untilAsserted(() -> assertThat(networks.look()).hasSize(1));
      store.hangs = hangs;
      loop.happened(new HubEvent.RemoveNetwork(2, "mynet"));
      await().until(() -> store.hanging);
      assertThat(networks.look()).extracting(NetworkView::name).containsExactly("mynet");
      assertThat(networks.look()).hasSize(1);
      hangs.countDown();
      await().untilAsserted(() -> assertThat(networks.look()).isEmpty());
    } finally {
      hangs.countDown();
      loop.close();
    }
  }

  @Test
  void noMoreThanOneQuestionWaits() {
    List<CompletableFuture<String>> asked = new ArrayList<>();
    Glance<String> glance =
        new Glance<>(
            () -> {
              CompletableFuture<String> question = new CompletableFuture<>();
              asked.add(question);
              return question;
            },
            "nothing",
            Duration.ofMillis(1));
    assertThat(glance.look()).isEqualTo("nothing");
    assertThat(glance.look()).isEqualTo("nothing");
    assertThat(asked).hasSize(1);
    asked.getFirst().complete("one");
    assertThat(glance.look()).isEqualTo("one");
    assertThat(glance.look()).isEqualTo("one");
    assertThat(asked).hasSize(2);
    asked.getLast().completeExceptionally(new IllegalStateException("no machine"));
    assertThat(glance.look()).isEqualTo("one");
    assertThat(glance.look()).isEqualTo("one");
    assertThat(asked).hasSize(3);
  }
}
