package io.atoll.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.Resources;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.image.ImageProgress;
import io.atoll.runtime.image.Imports;
import io.atoll.runtime.image.content.Reference;
import io.atoll.runtime.microvm.MicrovmDriver;
import io.atoll.runtime.microvm.MicrovmSettings;
import io.atoll.runtime.microvm.TestGuests;
import io.atoll.runtime.signature.TrustPolicy;
import io.atoll.runtime.signature.TrustRule;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Guests run what this machine trusts, and nothing else.
@Tag("real")
@Timeout(300)
class TrustedMicrovmTest {
  @TempDir Path folder;

  @Test
  void aGuestOfAnImageThatIsNotTrustedIsNeverPrepared() throws Exception {
    MicrovmSettings settings = TestGuests.settings(folder.resolve("state")).withTemplates(false);
    LocalImages local = LocalImages.of(folder.resolve("data"), Map.of(), null, "");
    Reference image =
        new Imports(local.images())
            .take(TestGuests.busybox(), "busybox:1", null, ImageProgress.SILENT);
    local.trust().write(TrustPolicy.of(List.of()));
    Path runs = Files.createDirectory(folder.resolve("runs"));
    try (MicrovmDriver driver =
        new MicrovmDriver(
            settings, new MachineImages(local.images(), local.gate(), (name, line) -> {}))) {
      ActivitySpec refused = spec(runs);
      assertThatThrownBy(() -> driver.prepare(refused))
          .isInstanceOfSatisfying(
              DriverException.class,
              e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.DENIED);
                assertThat(e.text()).contains("busybox:1", "allows no image");
              });
      assertThat(runs).isEmptyDirectory();

      local.trust().write(TrustPolicy.of(List.of(new TrustRule.Hash(image.sha3()))));
      Activity activity = driver.prepare(spec(runs)).start();
      assertThat(activity.await().code()).isEqualTo(7);
      activity.destroy();
    }
  }

  private static ActivitySpec spec(Path runs) {
    RunId id = new RunId(TaskId.random(new SecureRandom()), new Epoch(1, 1));
    return new ActivitySpec(
        id,
        TestGuests.workload(
            List.of("/bin/sh", "-c", "exit 7"), Map.of(), new Resources(1000, 96L << 20, 0), 64),
        runs.resolve(id.toString()));
  }
}
