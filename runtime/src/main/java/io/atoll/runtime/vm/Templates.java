package io.atoll.runtime.vm;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.atoll.core.os.FolderRemoval;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.Resources;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.core.term.Workload;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.Prepared;
import io.atoll.runtime.driver.Recovered;
import io.atoll.runtime.process.ProcessDriver;
import io.atoll.runtime.qemu.GuestAgent;
import io.atoll.runtime.qemu.GuestAgent.Executed;
import io.atoll.runtime.qemu.Qmp;
import io.atoll.runtime.qemu.disk.OverlayDisk;
import io.atoll.runtime.qemu.disk.VmImage;
import io.atoll.runtime.qemu.seed.CloudSeed;
import io.atoll.runtime.qemu.seed.GuestProgram;
import io.atoll.runtime.qemu.seed.Hostname;
import io.atoll.runtime.qemu.seed.UserData;
import io.atoll.runtime.vm.VmCommandLine.Birth;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Templates, one for each (image, QEMU, accelerator, program, processors, memory), made in the
/// background at the first start of that shape, on this machine and for this machine alone.
/// Until one is there, machines boot.
///
/// A template has run nobody's payload, and has neither key nor card: it boots from a seed of
/// ours, its SSH server is turned off and its keys are removed before it is saved.
final class Templates implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Templates.class);
  private static final String MAKING = ".making-";
  private static final Duration BOOT = Duration.ofMinutes(15);
  private static final Duration CALL = Duration.ofMinutes(1);

  /// What nobody cloned for so long is of an image, a QEMU or a size that is no longer asked for.
  private static final Duration STALE = Duration.ofDays(30);

  private final ProcessDriver processes;
  private final VmSettings settings;
  private final GuestProgram program;
  private final Map<String, CompletableFuture<Template>> made = new ConcurrentHashMap<>();
  private final List<Thread> makers = new CopyOnWriteArrayList<>();

  /// Ends what an earlier daemon was making, and removes what has not been used for a month: a
  /// machine that was cloned from it has its own names for the files.
  Templates(ProcessDriver processes, VmSettings settings) throws IOException {
    this.processes = processes;
    this.settings = settings;
    this.program = GuestProgram.of(processes.supervisor());
    Files.createDirectories(settings.templates());
    Files.setPosixFilePermissions(
        settings.templates(), PosixFilePermissions.fromString("rwx------"));
    try (DirectoryStream<Path> left =
        Files.newDirectoryStream(settings.templates(), MAKING + "*")) {
      for (Path folder : left) {
        if (processes.recover(spec(folder)) instanceof Recovered.Found(Activity maker)) {
          maker.destroy();
        }
        FolderRemoval.remove(folder);
      }
      removeStale();
    } catch (DriverException e) {
      throw new IOException("what is left of a template cannot be removed: " + e.text(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while old templates were removed", e);
    }
  }

  private void removeStale() throws IOException, InterruptedException {
    Instant before = Instant.now().minus(STALE);
    try (DirectoryStream<Path> all = Files.newDirectoryStream(settings.templates())) {
      for (Path folder : all) {
        if (new Template(folder).lastUsed().isBefore(before)) {
          log.info("template {} was not used for {} days: removed", folder, STALE.toDays());
          FolderRemoval.remove(folder);
        }
      }
    }
  }

  /// The template of this shape, if it is made; else it is being made from now on.
  Optional<Template> find(VmImage image, MachineShape shape) {
    CompletableFuture<Template> template = begin(image, shape);
    return template.state() == java.util.concurrent.Future.State.SUCCESS
        ? Optional.of(template.resultNow())
        : Optional.empty();
  }

  /// Waits for the template of this shape.
  Template await(VmImage image, MachineShape shape, Duration atMost)
      throws IOException, InterruptedException {
    try {
      return begin(image, shape).get(atMost.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw new IOException("the template could not be made: " + e.getCause(), e);
    } catch (TimeoutException e) {
      throw new IOException("the template was not made in " + atMost.toSeconds() + " s", e);
    }
  }

  private CompletableFuture<Template> begin(VmImage image, MachineShape shape) {
    return made.computeIfAbsent(
        key(image, shape),
        key -> {
          Template there = new Template(settings.templates().resolve(key));
          if (Files.isDirectory(there.folder())) {
            there.use();
            return CompletableFuture.completedFuture(there);
          }
          CompletableFuture<Template> future = new CompletableFuture<>();
          makers.add(
              Thread.ofVirtual()
                  .name("template-" + key)
                  .start(
                      () -> {
                        try {
                          future.complete(make(key, image, shape));
                        } catch (InterruptedException e) {
                          future.completeExceptionally(e); // this driver was closed
                        } catch (Exception e) {
                          log.warn(
                              "no template for {}: machines of it boot: {}", image, e.toString());
                          future.completeExceptionally(e);
                        }
                      }));
          return future;
        });
  }

  /// Gives up what is being made.
  @Override
  public void close() {
    makers.forEach(Thread::interrupt);
  }

  private String key(VmImage image, MachineShape shape) {
    try {
      String what =
          String.join(
              "|",
              image.folder().toRealPath().toString(),
              image.recipe(),
              Files.getLastModifiedTime(image.disk()).toString(),
              settings.qemu().text(),
              String.valueOf(settings.kvm()),
              program.digest(),
              shape.toString());
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(what.getBytes(UTF_8));
      return image.folder().getFileName() + "-" + HexFormat.of().formatHex(hash, 0, 8);
    } catch (NoSuchAlgorithmException | IOException e) {
      throw new IllegalStateException("an image that was just read is gone", e);
    }
  }

  private static ActivitySpec spec(Path folder) {
    RunId id = new RunId(TaskId.random(new SecureRandom()), new Epoch(1, 1));
    Workload nothing =
        new Workload(
            "vm",
            null,
            List.of(),
            Map.of(),
            Resources.NONE,
            1,
            List.of(),
            false,
            Workload.Isolation.BARE);
    return new ActivitySpec(id, nothing, folder);
  }

  private Template make(String key, VmImage image, MachineShape shape)
      throws IOException, DriverException, InterruptedException {
    long began = System.nanoTime();
    Path place = settings.templates().resolve(MAKING + key);
    List<String> words =
        VmCommandLine.of(settings, shape, image, new Birth.BootTemplate(), List.of(), true);
    ActivitySpec spec = VmDriver.process(spec(place), words, List.of(), shape, 0);
    VmFolder folder = new VmFolder(place);
    Activity maker = null;
    try (Prepared process = processes.prepareAlone(spec)) {
      folder.link(image.disk(), VmFolder.BASE);
      VmDriver.linkKernel(folder, image);
      OverlayDisk.make(
          settings.qemuImg(), folder.work(VmFolder.DISK), VmFolder.BASE, image.virtualSize());
      folder.give(VmFolder.DISK);
      Files.write(folder.work(VmFolder.SEED), seed().disk());
      folder.give(VmFolder.SEED);
      maker = process.start();
      Path draft = settings.templates().resolve(MAKING + key + "-done");
      Files.createDirectory(draft);
      save(folder, draft);
      maker.stop(Duration.ZERO);
      Path disk = draft.resolve(VmFolder.TEMPLATE_DISK);
      Files.copy(folder.work(VmFolder.DISK), disk);
      Files.setPosixFilePermissions(disk, PosixFilePermissions.fromString("r--r--r--"));
      Template template = new Template(settings.templates().resolve(key));
      Files.move(draft, template.folder(), StandardCopyOption.ATOMIC_MOVE);
      log.info(
          "template {} made in {} s", key, Duration.ofNanos(System.nanoTime() - began).toSeconds());
      return template;
    } finally {
      if (maker != null) {
        maker.destroy();
      }
      FolderRemoval.remove(settings.templates().resolve(MAKING + key + "-done"));
    }
  }

  private CloudSeed seed() {
    return new CloudSeed(
        "template", new Hostname("template"), List.of(), null, UserData.NONE, null, program);
  }

  private static void save(VmFolder folder, Path draft) throws IOException, InterruptedException {
    try (Qmp qmp = Qmp.connect(folder.work(VmFolder.QMP), CALL, event -> {})) {
      try (GuestAgent agent = GuestAgent.connect(folder.work(VmFolder.AGENT), BOOT)) {
        long until = System.nanoTime() + BOOT.toNanos();
        while (execute(agent, "test -e /run/cloud-init/result.json || test ! -d /run/cloud-init")
            != 0) {
          if (System.nanoTime() > until) {
            throw new IOException("cloud-init did not come to its end");
          }
          Thread.sleep(500);
        }
        if (execute(agent, STRIP) != 0) {
          throw new IOException("the template's keys could not be removed");
        }
      }
      qmp.execute("stop");
      SavedState.save(qmp, folder, draft.resolve("state"));
    }
  }

  private static int execute(GuestAgent agent, String script)
      throws IOException, InterruptedException {
    Executed done = agent.execute(List.of("/bin/sh", "-s"), script.getBytes(UTF_8), CALL);
    return done.code();
  }

  /// What is used first in a clone is run once before, so that its pages are there.
  private static final String STRIP =
      """
      systemctl stop ssh || true
      rm -f /etc/ssh/ssh_host_* /var/lib/systemd/random-seed
      ssh-keygen -q -t ed25519 -N '' -f /run/atoll-warm && rm -f /run/atoll-warm /run/atoll-warm.pub
      python3 -ISc 'import base64, os, signal'
      perl -e 1
      sync
      """;
}
