package io.atoll.runtime.image;

import io.atoll.runtime.image.layer.Bounds;
import io.atoll.runtime.image.layer.DevicePolicy;
import io.atoll.runtime.image.manifest.Platform;
import io.atoll.runtime.image.registry.Credentials;
import io.atoll.runtime.image.registry.RegistrySettings;
import java.nio.file.Path;

/// Where images are, and how far they are believed.
///
/// @param folder of the store
/// @param bounds of what one image unpacks to
/// @param platform that images are chosen for
public record ImageSettings(
    Path folder,
    RegistrySettings registry,
    Bounds bounds,
    DevicePolicy devices,
    Platform platform) {
  public static ImageSettings usual(Path folder, Credentials credentials) {
    return new ImageSettings(
        folder,
        RegistrySettings.usual(credentials),
        Bounds.USUAL,
        DevicePolicy.LEAVE_OUT,
        Platform.here());
  }

  /// @param usual registry of names that say none
  public ImageSettings withUsual(String usual) {
    return new ImageSettings(folder, registry.withUsual(usual), bounds, devices, platform);
  }

  public ImageSettings within(Bounds other) {
    return new ImageSettings(folder, registry, other, devices, platform);
  }

  public ImageSettings on(Platform other) {
    return new ImageSettings(folder, registry, bounds, devices, other);
  }
}
