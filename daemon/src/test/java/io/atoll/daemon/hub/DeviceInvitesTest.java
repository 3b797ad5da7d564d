package io.atoll.daemon.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.atoll.client.api.DeviceInvite;
import io.atoll.client.request.NetMapping;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.Identity;
import io.atoll.core.term.Cidr;
import io.atoll.core.term.NetworkId;
import io.atoll.daemon.hub.machine.Decision;
import io.atoll.daemon.hub.machine.HubAction;
import io.atoll.daemon.hub.machine.HubConfig;
import io.atoll.daemon.hub.machine.HubEvent;
import io.atoll.daemon.store.MemoryStore;
import io.atoll.daemon.store.Reserve;
import io.atoll.vpn.network.NodeKey;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Invites that are waited for, and those that nobody waits for any more.
@Timeout(60)
class DeviceInvitesTest {
  private static final NetworkId ID = new NetworkId("n000000000001");

  private final Identity owner = Identity.generate();

  /// What the hub's own node was told of devices.
  private final ConcurrentLinkedQueue<HubAction.Own> told = new ConcurrentLinkedQueue<>();

  @TempDir Path folder;
  private HubLoop loop;
  private DeviceInvites invites;

  /// Whether the door says by which key it lets devices in.
  private volatile boolean answers;

  private final class Effects implements HubLoop.Effects {
    @Override
    public void act(HubAction action) {
      if (action instanceof HubAction.Own own && !own.devices().isEmpty()) {
        told.add(own);
        if (answers) {
          loop.happened(new HubEvent.OwnDoor(NodeKey.sign(owner, ID, new byte[32], Instant.now())));
        }
      }
    }

    @Override
    public void committed(List<Decision> group, long lastSeq) {}

    @Override
    public void reloaded() {}
  }

  @BeforeEach
  void make() {
    Reserve reserve = Reserve.of(folder);
    assertThat(reserve.make()).isTrue();
    loop = new HubLoop(HubConfig.defaults("test"), new MemoryStore(), reserve, new Effects());
    invites = new DeviceInvites(owner.id(), loop);
    loop.happened(new HubEvent.OwnNode(null, List.of("192.0.2.9:7470")));
    loop.happened(
        new HubEvent.CreateNetwork(1, ID, owner.id(), "mynet", Cidr.parse("10.7.0.0/24"), false));
  }

  @AfterEach
  void stop() {
    loop.close();
  }

  private DeviceInvite invite(String name) throws InterruptedException {
    return invites.invite("mynet", new NetMapping.WantedDevice(name, null));
  }

  @Test
  void whatNobodyWaitsForAnyMoreIsTakenBack() throws Exception {
    // The hub is slow: it gets to the invite only when nobody waits for it any more.
    CountDownLatch over = new CountDownLatch(1);
    Thread caller = Thread.ofVirtual().unstarted(() -> interrupted(over));
    caller.start();
    await().until(() -> caller.getState() == Thread.State.TIMED_WAITING);
    caller.interrupt();
    over.await();
    loop.start();
    await().untilAsserted(() -> assertThat(told).isNotEmpty());
    await().untilAsserted(() -> assertThat(invites.list("mynet")).isEmpty());
    answers = true;
    assertThat(invite("phone").device().name()).isEqualTo("phone");
  }

  private void interrupted(CountDownLatch over) {
    try {
      invite("phone");
    } catch (InterruptedException e) {
      over.countDown();
    }
  }

  @Test
  void aDoorThatSaysNothingLetsNobodyIn() {
    loop.start();
    assertThatThrownBy(() -> invite("phone"))
        .isInstanceOfSatisfying(
            AtollException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNREACHABLE));
    await().untilAsserted(() -> assertThat(invites.list("mynet")).isEmpty());
  }

  @Test
  void whoIsRemovedWhileItsDoorIsWaitedForIsToldSo() throws Exception {
    loop.start();
    Failing caller = new Failing();
    Thread thread = Thread.ofVirtual().start(caller);
    await().untilAsserted(() -> assertThat(invites.list("mynet")).hasSize(1));
    invites.remove("mynet", "phone");
    assertThat(thread.join(Duration.ofSeconds(20))).isTrue();
    assertThat(caller.failure.code()).isEqualTo(ErrorCode.CONFLICT);
    assertThat(caller.failure.text()).contains("removed");
  }

  private final class Failing implements Runnable {
    volatile @Nullable AtollException failure;

    @Override
    public void run() {
      try {
        invite("phone");
      } catch (AtollException e) {
        failure = e;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
