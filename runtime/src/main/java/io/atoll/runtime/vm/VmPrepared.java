package io.atoll.runtime.vm;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.Port;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.Prepared;
import io.atoll.runtime.qemu.Qmp;
import io.atoll.runtime.qemu.disk.VmImage;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// A machine that has its disks, and waits for QEMU.
final class VmPrepared implements Prepared {
  private static final Duration CONNECT = Duration.ofSeconds(60);

  private final VmSettings settings;
  private final ActivitySpec spec;
  private final Prepared process;
  private final VmFolder folder;
  private final GuestOrder order;
  private final List<Port> ports;
  private final long size;
  private final VmImage image;
  private final Optional<Template> template;
  private final VmListener listener;

  VmPrepared(
      VmSettings settings,
      ActivitySpec spec,
      Prepared process,
      VmFolder folder,
      GuestOrder order,
      List<Port> ports,
      long size,
      VmImage image,
      Optional<Template> template,
      VmListener listener) {
    this.settings = settings;
    this.spec = spec;
    this.process = process;
    this.folder = folder;
    this.order = order;
    this.ports = ports;
    this.size = size;
    this.image = image;
    this.template = template;
    this.listener = listener;
  }

  @Override
  public Activity start() throws DriverException, InterruptedException {
    VmActivity machine = new VmActivity(process.start(), folder, order.program(), listener);
    try (Qmp qmp = machine.qmp(CONNECT)) {
      folder.mark(VmFolder.UP, "");
      if (template.isPresent()) {
        machine.tell(VmPhase.Kind.CLONING, "restoring its template's state");
        new Cloning(machine, order, image, ports, size).perform(qmp, template.get());
        if (!order.userData().none()) {
          folder.mark(VmFolder.DATA, "");
        }
        folder.mark(VmFolder.RELEASED, "");
        Cloning.release(machine, order);
        folder.mark(VmFolder.BEGUN, "");
      } else {
        machine.tell(VmPhase.Kind.BOOTING, "the guest's kernel is booting");
      }
      machine.learn(qmp);
      Readiness.watch(machine, settings.readyWithin());
      return machine;
    } catch (IOException e) {
      if (machine.ended() || process(machine)) {
        return machine; // its exit says why
      }
      machine.destroy();
      throw new DriverException(
          ErrorCode.START_FAILED,
          "machine " + spec.id() + " did not come up: " + e.getMessage(),
          "start it again; if it fails the same way, see `atoll doctor`",
          e);
    } catch (InterruptedException e) {
      machine.destroy();
      throw e;
    }
  }

  /// Whether it is ending just now.
  private static boolean process(VmActivity machine) throws InterruptedException {
    for (int i = 0; i < 100 && !machine.ended(); i++) {
      Thread.sleep(10);
    }
    return machine.ended();
  }

  @Override
  public void close() {
    process.close();
  }
}
