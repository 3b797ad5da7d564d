package io.atoll.runtime.image.manifest;

import java.util.List;

/// The words by which documents and layers say what they are.
public final class MediaTypes {
  public static final String OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  public static final String OCI_INDEX = "application/vnd.oci.image.index.v1+json";
  public static final String DOCKER_MANIFEST =
      "application/vnd.docker.distribution.manifest.v2+json";
  public static final String DOCKER_LIST =
      "application/vnd.docker.distribution.manifest.list.v2+json";
  public static final String OCI_CONFIG = "application/vnd.oci.image.config.v1+json";
  public static final String OCI_LAYER = "application/vnd.oci.image.layer.v1.tar";
  public static final String OCI_LAYER_GZIP = "application/vnd.oci.image.layer.v1.tar+gzip";

  /// What a client takes where a manifest is.
  public static final List<String> ACCEPTED =
      List.of(OCI_INDEX, OCI_MANIFEST, DOCKER_LIST, DOCKER_MANIFEST);

  private MediaTypes() {}

  /// Whether a configuration is one of a container image, as far as the manifest says.
  public static boolean config(String type) {
    return type.isEmpty()
        || type.equals(OCI_CONFIG)
        || type.equals("application/vnd.docker.container.image.v1+json");
  }

  /// Whether a layer is a root file system's; others (signatures, charts) are not to be unpacked.
  public static boolean layer(String type) {
    return type.startsWith("application/vnd.oci.image.layer.")
        || type.startsWith("application/vnd.docker.image.rootfs.");
  }
}
