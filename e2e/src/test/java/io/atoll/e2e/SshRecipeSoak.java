package io.atoll.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.client.api.TaskView;
import io.atoll.runtime.qemu.QemuProgram;
import io.atoll.runtime.vm.TestImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The recipe of `docs/recipes.md` with two virtual machines, command by command: `./dev soak
/// ssh-recipe`.
///
/// ```
///   ssh ── atoll ssh ── hub ── WireGuard ── p1 ─ QEMU ─ vm1: sshd
///                          └────────────── p2 ─ QEMU ─ vm2: sshd
/// ```
@Tag("real")
@Timeout(3600)
class SshRecipeSoak {
  /// Two machines boot at once, without the processor's help.
  private static final Duration PATIENT = Duration.ofMinutes(25);

  private static final Duration PATIENCE = Duration.ofMinutes(3);

  @TempDir Path folder;
  private Pool pool;

  @BeforeEach
  void start() throws Exception {
    Assumptions.assumeTrue(
        QemuProgram.find("x86_64", List.of()).isPresent(),
        "qemu: qemu-system-x86_64 is not installed");
    Path images = TestImage.images();
    pool = Pool.start(folder, 2, "--vm", "--vm-boot");
    for (DaemonProcess provider : pool.providers) {
      Files.createSymbolicLink(provider.dataDir().resolve("vm-images"), images);
    }
  }

  @AfterEach
  void stop() {
    if (pool == null) {
      return;
    }
    for (TaskView task : pool.client.tasks(false, null, 100).tasks()) {
      pool.client.stop(task.id().text());
      pool.client.task(task.id().text(), PATIENCE);
    }
    pool.close();
  }

  @Test
  void aTerminalInTwoMachinesOnTwoProviders() throws Exception {
    RecipePage page =
        RecipePage.of("An SSH terminal into two virtual machines on two providers", folder, pool);
    assertThat(page.blocks()).isEqualTo(4);
    long began = System.nanoTime();
    page.run(0, PATIENCE);
    page.run(1, PATIENT);
    System.out.println(
        "ssh-recipe: both log in after "
            + Duration.ofNanos(System.nanoTime() - began).toSeconds()
            + " s");
    String said = page.run(2, PATIENT);
    System.out.println(said);
    assertThat(said.lines().map(String::strip)).contains("vm1", "vm2");
    assertThat(said.lines().filter(line -> line.startsWith("/dev/pts/"))).hasSize(2);
    assertThat(said.lines().filter(line -> line.contains(" 0% packet loss"))).hasSize(2);
    page.run(3, PATIENT);
    assertThat(pool.client.privateNetworks().list()).isEmpty();
  }
}
