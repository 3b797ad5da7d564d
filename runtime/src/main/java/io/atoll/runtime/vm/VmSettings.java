package io.atoll.runtime.vm;

import io.atoll.runtime.qemu.QemuProgram;
import java.nio.file.Path;
import java.time.Duration;

/// What the operator decides about virtual machines.
///
/// @param qemu the program
/// @param qemuImg makes disks
/// @param kvm whether guests run on the processor itself; found out by trying
/// @param images folder in which images have their folders
/// @param templates folder for templates
/// @param cloning whether machines are cloned from templates, made at the first start of a shape
/// @param readyWithin after which a machine that does not answer is said to hang; it goes on
public record VmSettings(
    QemuProgram qemu,
    Path qemuImg,
    boolean kvm,
    Path images,
    Path templates,
    boolean cloning,
    Duration readyWithin) {

  public VmSettings {
    images = images.toAbsolutePath();
    templates = templates.toAbsolutePath();
  }

  public static VmSettings of(QemuProgram qemu, Path images, Path templates) {
    return new VmSettings(
        qemu, Path.of("/usr/bin/qemu-img"), false, images, templates, false, Duration.ofMinutes(5));
  }

  public VmSettings withCloning(boolean on) {
    return new VmSettings(qemu, qemuImg, kvm, images, templates, on, readyWithin);
  }

  public VmSettings withKvm(boolean works) {
    return new VmSettings(qemu, qemuImg, works, images, templates, cloning, readyWithin);
  }
}
