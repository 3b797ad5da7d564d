package io.atoll.runtime.image.layer;

/// How much an image may unpack to, all layers together.
///
/// @param bytes at most
/// @param entries files, folders, links at most
/// @param names bytes of all names and attributes at most; they are kept in memory
/// @param ratio how many bytes one byte may unpack to, once `patience` bytes are out
/// @param patience from where on the ratio counts
public record Bounds(long bytes, int entries, long names, long ratio, long patience) {
  public static final Bounds USUAL = new Bounds(64L << 30, 1_000_000, 96L << 20, 250, 256L << 20);
}
