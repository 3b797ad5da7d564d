package io.atoll.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.client.api.VersionView;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.daemon.peers.NetworkSettings;
import io.atoll.daemon.store.TinyDisk;
import io.atoll.runtime.resource.OwnerRules;
import io.atoll.runtime.resource.Thresholds;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A daemon that finds its disk full when it starts.
@Tag("real")
@Timeout(60)
class FullDiskStartTest {
  private static final VersionView VERSION = new VersionView("test", "", "", "");

  @TempDir Path temp;

  @Test
  void itStartsOnceThereIsRoom() throws Exception {
    try (TinyDisk disk = TinyDisk.mount(temp.resolve("tiny"), 16, 1)) {
      DaemonSettings settings = settings(disk.folder().resolve("data"));
      Daemon.start(settings, VERSION).close();
      disk.fill();
      assertThatThrownBy(() -> Daemon.start(settings, VERSION))
          .isInstanceOfSatisfying(
              AtollException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DISK_FULL));
      CompletableFuture<Daemon> started = new CompletableFuture<>();
      Thread.ofVirtual()
          .start(
              () -> {
                try {
                  started.complete(Daemon.startOnceThereIsRoom(settings, VERSION));
                } catch (Exception e) {
                  started.completeExceptionally(e);
                }
              });
      assertThatThrownBy(() -> started.get(4, TimeUnit.SECONDS))
          .isInstanceOf(TimeoutException.class);
      disk.makeRoomOfFiller();
      try (Daemon daemon = started.get(20, TimeUnit.SECONDS)) {
        assertThat(daemon.bound().dataDir()).isEqualTo(settings.dataDir().toString());
      }
    }
  }

  @Test
  void itStartsInTheRoomOfItsReserve() throws Exception {
    try (TinyDisk disk = TinyDisk.mount(temp.resolve("tiny"), 128, 1)) {
      DaemonSettings settings = settings(disk.folder().resolve("data"));
      Daemon.start(settings, VERSION).close();
      assertThat(settings.dataDir().resolve("hub.reserve")).isNotEmptyFile();
      disk.fill();
      Daemon.start(settings, VERSION).close();
      assertThat(settings.dataDir().resolve("hub.reserve")).doesNotExist();
    }
  }

  private static DaemonSettings settings(Path data) {
    return settings(data, null);
  }

  /// A hub alone, by its folder and its engine's socket.
  static DaemonSettings settings(Path data, @Nullable Path dockerSocket) {
    return new DaemonSettings(
        data,
        true,
        false,
        new InetSocketAddress("127.0.0.1", 0),
        NetworkSettings.at("/ip4/127.0.0.1/tcp/0"),
        List.of(),
        "tiny",
        null,
        false,
        false,
        dockerSocket,
        false,
        DaemonSettings.Machines.NONE,
        "",
        Map.of(),
        Map.of(),
        OwnerRules.NONE,
        Thresholds.NONE,
        null,
        NetSettings.USUAL,
        data.resolve("no-supervisor"));
  }
}
