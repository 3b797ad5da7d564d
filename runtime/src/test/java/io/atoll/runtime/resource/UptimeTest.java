package io.atoll.runtime.resource;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UptimeTest {
  @TempDir Path proc;

  @Test
  void readsWhatTheKernelSays() throws Exception {
    Files.writeString(proc.resolve("uptime"), "1052523.87 3975264.70\n");
    Files.writeString(proc.resolve("loadavg"), "0.52 0.58 1.59 2/1043 12345\n");
    assertThat(Uptime.read(proc)).isEqualTo(new Uptime(1_052_523, List.of(0.52, 0.58, 1.59)));
  }

  @Test
  void whatIsNotToldIsNotKnown() throws Exception {
    assertThat(Uptime.read(proc)).isEqualTo(new Uptime(-1, List.of()));
    Files.writeString(proc.resolve("uptime"), "long\n");
    Files.writeString(proc.resolve("loadavg"), "0.52 0.58\n");
    assertThat(Uptime.read(proc)).isEqualTo(new Uptime(-1, List.of()));
  }
}
