package io.atoll.daemon;

import io.atoll.core.error.AtollException;
import io.atoll.core.term.ByteSize;
import io.atoll.runtime.docker.PullListener;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.image.ImageProgress;
import io.atoll.runtime.image.Images;
import io.atoll.runtime.image.content.Reference;
import io.atoll.runtime.image.manifest.ImageConfig;
import io.atoll.runtime.image.registry.ImageName;
import io.atoll.runtime.microvm.MicrovmImage;
import io.atoll.runtime.microvm.MicrovmImages;

/// The images of this machine, as guests boot them: what is here is taken as it is, the rest is
/// fetched from its registry first.
final class MachineImages implements MicrovmImages {
  private final Images images;
  private final MachineTrust trust;
  private final PullListener listener;

  MachineImages(Images images, MachineTrust trust, PullListener listener) {
    this.images = images;
    this.trust = trust;
    this.listener = listener;
  }

  @Override
  public MicrovmImage resolve(String reference) throws DriverException, InterruptedException {
    try {
      Reference image = images.find(reference).orElse(null);
      if (image == null) {
        image = images.pull(ImageName.parse(reference), progress(reference));
      }
      trust.admit(image);
      // For as long as this machine has guests: one may run from it, and more will.
      images.leases().take("microvm-" + image.digest().hex(), image.digest());
      ImageConfig config = images.config(image);
      return new MicrovmImage(
          images.root(image, progress(reference)),
          config.entrypoint(),
          config.cmd(),
          config.env(),
          config.workdir(),
          config.user());
    } catch (AtollException e) {
      throw new DriverException(e.code(), e.text(), e.hint(), e);
    }
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
