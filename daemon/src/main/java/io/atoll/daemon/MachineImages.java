package io.atoll.daemon;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.ByteSize;
import io.atoll.core.term.RunId;
import io.atoll.runtime.docker.PullListener;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.image.ImageProgress;
import io.atoll.runtime.image.Images;
import io.atoll.runtime.image.ProgramTree;
import io.atoll.runtime.image.content.Digest;
import io.atoll.runtime.image.content.Leases;
import io.atoll.runtime.image.content.Reference;
import io.atoll.runtime.image.manifest.ImageConfig;
import io.atoll.runtime.microvm.MicrovmImage;
import io.atoll.runtime.microvm.MicrovmImages;
import io.atoll.runtime.process.Program;
import io.atoll.runtime.process.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The images of this machine, as runs get them: what is here is taken as it is, the rest is
/// fetched from its registry first. Each run has a lease on its image, from before it is prepared
/// until it has ended; what a daemon that died left is given back when the next one knows which
/// runs live.
final class MachineImages implements MicrovmImages, Programs {
  private static final Logger LOG = LoggerFactory.getLogger(MachineImages.class);
  private static final String RUN = "run-";

  /// Leases of earlier versions, which were never given back.
  private static final String FOR_EVER = "microvm-";

  private final Images images;
  private final MachineTrust trust;
  private final PullListener listener;

  MachineImages(Images images, MachineTrust trust, PullListener listener) {
    this.images = images;
    this.trust = trust;
    this.listener = listener;
  }

  @Override
  public void admitHostProgram() throws DriverException {
    trust.admitWithoutImage();
  }

  @Override
  public MicrovmImage resolve(RunId run, String reference)
      throws DriverException, InterruptedException {
    try {
      Reference image = taken(run, reference);
      trust.admit(image);
      return bootable(image, reference);
    } catch (AtollException e) {
      throw told(e);
    }
  }

  @Override
  public MicrovmImage again(RunId run, String reference)
      throws DriverException, InterruptedException {
    try {
      Digest kept = images.leases().of(holder(run)).orElse(null);
      Reference image = kept == null ? null : images.kept(reference, kept).orElse(null);
      return bootable(image == null ? images.get(reference) : image, reference);
    } catch (AtollException e) {
      throw told(e);
    }
  }

  @Override
  public Program resolveProgram(RunId run, String reference)
      throws DriverException, InterruptedException {
    try {
      Reference image = taken(run, reference);
      trust.admit(image);
      ProgramTree tree = images.program(image);
      refuseWithoutInterpreter(reference, tree);
      return new Program(tree.folder(), tree.entry());
    } catch (AtollException e) {
      throw told(e);
    }
  }

  /// The kernel says of such a program only that it is not there.
  private static void refuseWithoutInterpreter(String reference, ProgramTree tree)
      throws DriverException {
    String needed = tree.interpreter();
    if (needed != null && needed.startsWith("/") && !Files.exists(Path.of(needed))) {
      throw new DriverException(
          ErrorCode.START_FAILED,
          "the program of " + reference + " needs " + needed + ", which this node does not have",
          "link it statically, or name a node that has it with --node");
    }
  }

  /// The image, kept for the run.
  private Reference taken(RunId run, String reference) throws InterruptedException {
    Reference image = images.find(reference).orElse(null);
    if (image == null) {
      image = images.pull(images.atRegistry(reference), progress(reference));
    }
    images.leases().take(holder(run), image.digest());
    if (!images.store().has(image.digest())) {
      // A collection was faster; from the lease on it keeps what is there.
      image = images.pull(images.atRegistry(reference), progress(reference));
      images.leases().take(holder(run), image.digest());
    }
    return image;
  }

  private MicrovmImage bootable(Reference image, String reference) throws InterruptedException {
    ImageConfig config = images.config(image);
    return new MicrovmImage(
        images.root(image, progress(reference)),
        config.entrypoint(),
        config.cmd(),
        config.env(),
        config.workdir(),
        config.user());
  }

  /// The run has ended; no effect if it had no image.
  void give(RunId run) {
    try {
      images.leases().give(holder(run));
    } catch (AtollException e) {
      LOG.warn("{}; the next start of the daemon tries again", e.text());
    }
  }

  /// To be called before anything runs, with the runs of the daemon before this one that may live.
  void keepOnly(Set<RunId> live) {
    Set<String> holders = live.stream().map(MachineImages::holder).collect(Collectors.toSet());
    try {
      for (Leases.Lease lease : images.leases().all()) {
        String holder = lease.holder();
        boolean ours = holder.startsWith(RUN) || holder.startsWith(FOR_EVER);
        if (ours && !holders.contains(holder)) {
          images.leases().give(holder);
        }
      }
    } catch (IOException | AtollException e) {
      LOG.warn("leases of images that no run needs may be left: {}", String.valueOf(e));
    }
  }

  private static String holder(RunId run) {
    return RUN + run;
  }

  private static DriverException told(AtollException e) {
    return new DriverException(e.code(), e.text(), e.hint(), e);
  }

  private ImageProgress progress(String reference) {
    return (phase, done, total) ->
        listener.progress(
            reference,
            phase.equals("pull")
                ? "pulling " + reference + ": " + amount(done, total)
                : "making a disk of " + reference + ": " + amount(done, total));
  }

  private static String amount(long done, long total) {
    return total > 0
        ? ByteSize.format(done) + " of " + ByteSize.format(total)
        : ByteSize.format(done);
  }
}
