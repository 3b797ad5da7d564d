package io.atoll.daemon;

import io.atoll.client.cli.Context;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.runtime.image.ImageSettings;
import io.atoll.runtime.image.Images;
import io.atoll.runtime.image.content.Reference;
import io.atoll.runtime.image.manifest.Platform;
import io.atoll.runtime.image.registry.DockerCredentials;
import io.atoll.runtime.signature.SignatureFolder;
import io.atoll.runtime.signature.Subject;
import io.atoll.runtime.signature.TrustFile;
import io.atoll.runtime.signature.Verdict;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The images of a data folder, and who is trusted with it: `DIR/images`, `DIR/trust.json`.
/// Daemon and command lines may use them at once.
///
/// @param key with which this folder's owner signs
record LocalImages(Images images, SignatureFolder signatures, TrustFile trust, Path key) {
  /// @param registry of names that say none; empty: they are refused
  static LocalImages of(
      Path dataDir, Map<String, String> environment, @Nullable String platform, String registry) {
    ImageSettings settings =
        ImageSettings.usual(dataDir.resolve("images"), DockerCredentials.ofUser(environment))
            .withUsual(registry);
    return new LocalImages(
        new Images(platform == null ? settings : settings.on(parsed(platform))),
        new SignatureFolder(dataDir.resolve("images/signatures")),
        new TrustFile(dataDir.resolve("trust.json")),
        dataDir.resolve("image-key.pem"));
  }

  static LocalImages of(Context context) {
    return of(context, null, null);
  }

  static LocalImages of(Context context, @Nullable String platform, @Nullable String registry) {
    Map<String, String> flags =
        registry == null ? Map.of() : Map.of(UpSettings.REGISTRY.name(), registry);
    return of(
        context.dataDir(),
        context.terminal().environment(),
        platform,
        UpSettings.text(context.settings(flags), UpSettings.REGISTRY));
  }

  private static Platform parsed(String platform) {
    try {
      return Platform.parse(platform);
    } catch (IllegalArgumentException e) {
      throw new AtollException(
          ErrorCode.BAD_REQUEST, String.valueOf(e.getMessage()), "such as linux/amd64", e);
    }
  }

  /// Asked by the drivers of the daemon that this folder belongs to.
  MachineTrust gate() {
    return new MachineTrust(trust, signatures, images);
  }

  Verdict judge(Reference image) {
    Subject subject = Subject.of(image);
    return trust.planned().judge(subject, signatures.of(subject));
  }
}
