package io.atoll.runtime.image.manifest;

import io.atoll.runtime.image.content.Digest;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What one document says of another piece of content.
///
/// @param platform for entries of an index that name one
public record Descriptor(
    String mediaType,
    Digest digest,
    long size,
    @Nullable Platform platform,
    Map<String, String> annotations) {
  public Descriptor {
    annotations = Map.copyOf(annotations);
  }

  static Descriptor of(Fields fields) {
    Fields platform = fields.optional("platform");
    return new Descriptor(
        fields.text("mediaType"),
        fields.digest("digest"),
        fields.size("size"),
        platform == null ? null : Platform.of(platform),
        fields.annotations());
  }
}
