package io.atoll.runtime.qemu.disk;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.testing.Fuzz;
import io.atoll.runtime.qemu.disk.Qcow2Header.ForeignDiskException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Qcow2HeaderTest {
  private static final long LENGTH = 1 << 20;

  @TempDir Path folder;

  /// A sound header of version 3 for a disk of 1 GiB in a file of 1 MiB.
  private static ByteBuffer sound() {
    ByteBuffer bytes = ByteBuffer.allocate(4096);
    bytes.putInt(0, 0x514649fb).putInt(4, 3).putInt(20, 16).putLong(24, 1 << 30);
    bytes.putInt(36, 2).putLong(40, 3 << 16).putLong(48, 1 << 16).putInt(56, 1);
    bytes.putInt(96, 4).putInt(100, 112);
    return bytes;
  }

  private static Qcow2Header parse(ByteBuffer bytes) throws ForeignDiskException {
    return Qcow2Header.parse(bytes, LENGTH);
  }

  @Test
  void readsWhatStandsAlone() throws Exception {
    Qcow2Header header = parse(sound());
    assertThat(header.virtualSize()).isEqualTo(1 << 30);
    assertThat(header.backing()).isNull();
    header.checkStandsAlone();
  }

  @Test
  void refusesWhatLeadsElsewhere() throws Exception {
    ByteBuffer bytes = sound();
    byte[] name = "/etc/shadow".getBytes(UTF_8);
    bytes.putLong(8, 2000).putInt(16, name.length).put(2000, name);
    Qcow2Header header = parse(bytes);
    assertThat(header.backing()).isEqualTo("/etc/shadow");
    assertThatThrownBy(header::checkStandsAlone)
        .hasMessageContaining("a layer over another file, '/etc/shadow'");
    assertThatThrownBy(parse(sound().putLong(72, 4))::checkStandsAlone)
        .hasMessageContaining("its data lie in another file");
    assertThatThrownBy(parse(sound().putInt(112, 0x44415441).putInt(116, 3))::checkStandsAlone)
        .hasMessageContaining("its data lie in another file");
    assertThatThrownBy(parse(sound().putInt(32, 2))::checkStandsAlone)
        .hasMessageContaining("encrypted");
    assertThatThrownBy(parse(sound().putInt(112, 0x0537be77).putInt(116, 16))::checkStandsAlone)
        .hasMessageContaining("encrypted");
    assertThatThrownBy(parse(sound().putLong(72, 1 << 7))::checkStandsAlone)
        .hasMessageContaining("0x80");
    assertThatThrownBy(parse(sound().putLong(72, 2))::checkStandsAlone)
        .hasMessageContaining("damaged");
  }

  @Test
  void refusesWhatDoesNotHoldTogether() {
    refused(ByteBuffer.allocate(10), "no qcow2 file");
    refused(ByteBuffer.allocate(200), "no qcow2 file");
    refused(sound().putInt(4, 1), "version 1");
    refused(sound().putInt(4, -1), "version 4294967295");
    refused(sound().putInt(20, 40), "clusters");
    refused(sound().putLong(24, -1), "64 TiB is the most");
    refused(sound().putInt(36, 1), "does not fit the disk's");
    refused(sound().putInt(36, -1), "does not fit the disk's");
    refused(sound().putLong(40, LENGTH), "outside the file");
    refused(sound().putLong(40, -65536), "outside the file");
    refused(sound().putLong(48, 1L << 62), "outside the file");
    refused(sound().putInt(56, 1 << 20), "larger than any");
    refused(sound().putInt(60, 1 << 20), "snapshots");
    refused(sound().putInt(100, 8), "length that no header has");
    refused(sound().putInt(100, 1 << 30), "length that no header has");
    refused(sound().putInt(96, 7), "width");
    refused(sound().putLong(8, 1 << 20).putInt(16, 4), "outside its header");
    refused(sound().putLong(8, 4090).putInt(16, 100), "outside its header");
    refused(sound().putInt(112, 5).putInt(116, -1), "outside its header");
    refused(sound().limit(90), "cut short");
  }

  private static void refused(ByteBuffer bytes, String why) {
    assertThatThrownBy(() -> parse(bytes))
        .isInstanceOf(ForeignDiskException.class)
        .hasMessageContaining(why);
  }

  /// More with `-Datoll.fuzz.rounds=N -Datoll.fuzz.seed=S`.
  @Test
  void anyBytesAreReadOrRefused() {
    int[] read = new int[1];
    Fuzz.rounds(
        "qcow2 headers",
        20_000,
        random -> {
          ByteBuffer bytes = sound();
          for (int flips = random.nextInt(1, 12); flips > 0; flips--) {
            int at = random.nextInt(10) == 0 ? random.nextInt(4096) : random.nextInt(140);
            bytes.put(
                at, (byte) (random.nextBoolean() ? random.nextInt(256) : random.nextInt(3) - 1));
          }
          bytes.limit(random.nextInt(8) == 0 ? random.nextInt(4097) : 4096);
          try {
            Qcow2Header header = Qcow2Header.parse(bytes, random.nextInt(1 << 21));
            read[0]++;
            assertThat(header.virtualSize()).isBetween(0L, 64L << 40);
            header.checkStandsAlone();
          } catch (ForeignDiskException refused) {
            assertThat(refused.why()).isNotEmpty();
          }
        });
    System.out.println("qcow2 headers: " + read[0] + " read");
    assertThat(read[0]).isPositive();
  }

  @Test
  @Tag("real")
  void agreesWithQemuImg() throws Exception {
    for (String options :
        List.of(
            "compat=v3",
            "compat=v2",
            "compression_type=zstd",
            "cluster_size=2M",
            "extended_l2=on")) {
      Path file = folder.resolve(options + ".qcow2");
      img("create", "-q", "-f", "qcow2", "-o", options, file.toString(), "3G");
      Qcow2Header header = Qcow2Header.read(file);
      assertThat(header.virtualSize()).isEqualTo(3L << 30);
      header.checkStandsAlone();
    }
    Path base = folder.resolve("base.qcow2");
    img("create", "-q", "-f", "qcow2", base.toString(), "64M");
    OverlayDisk.make(
        Path.of("/usr/bin/qemu-img"), folder.resolve("top.qcow2"), "base.qcow2", 128 << 20);
    Qcow2Header top = Qcow2Header.read(folder.resolve("top.qcow2"));
    assertThat(top.backing()).isEqualTo("base.qcow2");
    assertThat(top.backingFormat()).isEqualTo("qcow2");
    assertThat(top.virtualSize()).isEqualTo(128 << 20);
    assertThatThrownBy(top::checkStandsAlone).isInstanceOf(ForeignDiskException.class);
    img("check", "-q", folder.resolve("top.qcow2").toString());
    Path data = folder.resolve("x.raw");
    img(
        "create",
        "-q",
        "-f",
        "qcow2",
        "-o",
        "data_file=" + data,
        folder.resolve("e.qcow2").toString(),
        "1M");
    Qcow2Header external = Qcow2Header.read(folder.resolve("e.qcow2"));
    assertThatThrownBy(external::checkStandsAlone).hasMessageContaining("another file");
    Path cipher = folder.resolve("l.qcow2");
    makeEncrypted(cipher);
    Qcow2Header locked = Qcow2Header.read(cipher);
    assertThatThrownBy(locked::checkStandsAlone).hasMessageContaining("encrypted");
    Files.write(folder.resolve("cut"), java.util.Arrays.copyOf(Files.readAllBytes(base), 70_000));
    assertThatThrownBy(() -> Qcow2Header.read(folder.resolve("cut")))
        .hasMessageContaining("cut short");
  }

  /// qemu-img counts how many rounds of its key derivation fit some time, and gives up when a
  /// coarse clock of the CPU shows none at all: then it is asked again.
  private static void makeEncrypted(Path file) throws IOException, InterruptedException {
    String options = "encrypt.format=luks,encrypt.key-secret=s,encrypt.iter-time=10";
    Said said;
    int tries = 0;
    do {
      said =
          run(
              "create",
              "-q",
              "-f",
              "qcow2",
              "--object",
              "secret,id=s,data=x",
              "-o",
              options,
              file.toString(),
              "1M");
    } while (said.text().contains("accurate CPU usage") && ++tries < 20);
    assertThat(said.code()).as(said.text()).isZero();
  }

  private static void img(String... arguments) throws IOException, InterruptedException {
    Said said = run(arguments);
    assertThat(said.code()).as(said.text()).isZero();
  }

  private record Said(int code, String text) {}

  private static Said run(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("qemu-img"));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String text = new String(process.getInputStream().readAllBytes(), UTF_8);
    return new Said(process.waitFor(), text);
  }
}
