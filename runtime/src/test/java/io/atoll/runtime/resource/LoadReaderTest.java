package io.atoll.runtime.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoadReaderTest {
  @TempDir Path folder;
  private long guests;

  private LinuxLoadReader reader() throws IOException {
    Files.writeString(
        folder.resolve("meminfo"), "MemTotal: 1000 kB\nMemFree: 1 kB\nMemAvailable:   250 kB\n");
    stat(100, 900);
    return new LinuxLoadReader(folder, folder.resolve("power"), folder, () -> guests);
  }

  private void stat(long busy, long idle) throws IOException {
    Files.writeString(
        folder.resolve("stat"),
        "cpu  " + busy + " 0 0 " + idle + " 0 0 0 7 0 0\ncpu0 1 2 3 4 5 6 7 8 9 10\n");
  }

  private void supply(String name, String type, String file, String said) throws IOException {
    Path supply = Files.createDirectories(folder.resolve("power").resolve(name));
    Files.writeString(supply.resolve("type"), type + "\n");
    Files.writeString(supply.resolve(file), said + "\n");
  }

  @Test
  void tellsTheOwnersShareFromThatOfTheGuests() throws IOException {
    LinuxLoadReader reader = reader();
    assertThat(reader.read().cpu()).isEqualTo(0.1, within(1e-9));
    stat(180, 920); // 100 ticks: 80 busy, of which guests had 60
    guests = 600_000_000;
    Load load = reader.read();
    assertThat(load.cpu()).isEqualTo(0.8, within(1e-9));
    assertThat(load.ownerCpu()).isEqualTo(0.2, within(1e-9));
    assertThat(load.memory()).isEqualTo(0.75, within(1e-9));
    guests = -1;
    stat(190, 1010);
    load = reader.read();
    assertThat(load.ownerCpu()).isEqualTo(-1);
  }

  @Test
  void knowsWhereThePowerComesFrom() throws IOException {
    LinuxLoadReader reader = reader();
    assertThat(reader.read().power()).isEqualTo(Load.Power.UNKNOWN);
    supply("BAT0", "Battery", "status", "Discharging");
    assertThat(reader.read().power()).isEqualTo(Load.Power.BATTERY);
    supply("AC", "Mains", "online", "0");
    assertThat(reader.read().power()).isEqualTo(Load.Power.BATTERY);
    supply("AC", "Mains", "online", "1");
    assertThat(reader.read().power()).isEqualTo(Load.Power.MAINS);
  }

  @Test
  void saysWhatItCannotRead() throws IOException {
    LinuxLoadReader reader = reader();
    Files.writeString(folder.resolve("stat"), "cpu 1 2 x 4 5 6 7 8\n");
    assertThatThrownBy(reader::read).isInstanceOf(IOException.class).hasMessageContaining("stat");
    Files.writeString(folder.resolve("stat"), "");
    assertThatThrownBy(reader::read).isInstanceOf(IOException.class).hasMessageContaining("stat");
    stat(1, 2);
    Files.writeString(folder.resolve("meminfo"), "MemTotal: 1 kB\n");
    assertThatThrownBy(reader::read).hasMessageContaining("MemAvailable");
  }

  @Test
  void readsThisMachine() throws IOException {
    Load load = LoadReader.ofThisMachine(folder, () -> -1).read();
    assertThat(load.cpu()).isBetween(0.0, 1.0);
    assertThat(load.memoryAvailable()).isBetween(1L, load.memoryTotal());
    assertThat(load.diskFree()).isBetween(0L, load.diskTotal());
    assertThat(new JvmLoadReader(folder).read().memoryTotal()).isPositive();
  }
}
