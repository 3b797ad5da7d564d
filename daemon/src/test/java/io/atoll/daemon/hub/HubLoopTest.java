package io.atoll.daemon.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.atoll.client.api.InviteView;
import io.atoll.core.error.ErrorCode;
import io.atoll.daemon.hub.machine.Answer;
import io.atoll.daemon.hub.machine.Decision;
import io.atoll.daemon.hub.machine.HubAction;
import io.atoll.daemon.hub.machine.HubConfig;
import io.atoll.daemon.hub.machine.HubEvent;
import io.atoll.daemon.store.InviteRow;
import io.atoll.daemon.store.Reserve;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What the hub says of a store that cannot be written.
@Timeout(30)
class HubLoopTest {
  private static final class NoEffects implements HubLoop.Effects {
    @Override
    public void act(HubAction action) {}

    @Override
    public void committed(List<Decision> group, long lastSeq) {}

    @Override
    public void reloaded() {}
  }

  private final FullStore store = new FullStore();

  @TempDir Path folder;
  private Reserve reserve;
  private HubLoop loop;

  @BeforeEach
  void make() {
    reserve = Reserve.of(folder);
    assertThat(reserve.make()).isTrue();
    loop = new HubLoop(HubConfig.defaults("test"), store, reserve, new NoEffects());
  }

  @AfterEach
  void stop() {
    loop.close();
  }

  @Test
  void aFullDiskStaysTheTroubleUntilAWriteSucceeds() throws Exception {
    loop.start();
    assertThat(invite("i00000001")).isNotInstanceOf(Answer.Failed.class);
    store.full = true;
    assertThat(invite("i00000002")).isInstanceOf(Answer.Failed.class);
    // Ticks and questions that write nothing are no sign of room.
    await()
        .during(Duration.ofSeconds(3))
        .atMost(Duration.ofSeconds(6))
        .pollInterval(Duration.ofMillis(10))
        .until(() -> "no space left".equals(loop.trouble()));
    store.full = false;
    // Nobody asks for anything, and it is ready again.
    await().atMost(Duration.ofSeconds(10)).until(() -> loop.trouble() == null);
    assertThat(invite("i00000003")).isNotInstanceOf(Answer.Failed.class);
  }

  @Test
  void onAFullDiskTheReserveMakesRoomAndIsMadeAgain() throws Exception {
    loop.start();
    Path file = folder.resolve("hub.reserve");
    assertThat(file).isNotEmptyFile();
    store.ballast = file;
    store.code = ErrorCode.DISK_FULL;
    store.full = true;
    assertThat(invite("i00000001")).isNotInstanceOf(Answer.Failed.class);
    assertThat(file).doesNotExist();
    assertThat(reserve.held()).isFalse();
    assertThat(loop.trouble()).contains("nearly full");
    store.full = false;
    await().atMost(Duration.ofSeconds(10)).until(reserve::held);
    assertThat(file).isNotEmptyFile();
    assertThat(loop.trouble()).isNull();
  }

  private Answer invite(String id) throws InterruptedException {
    Instant now = Instant.now();
    InviteRow row =
        new InviteRow(
            id, InviteView.Role.APP, "hash of " + id, now, now.plusSeconds(60), null, null);
    return loop.request(ticket -> new HubEvent.CreateInvite(ticket, row));
  }
}
