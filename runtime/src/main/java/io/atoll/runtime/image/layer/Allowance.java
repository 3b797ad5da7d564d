package io.atoll.runtime.image.layer;

import io.atoll.core.tar.TarEntry;

/// What is left of the bounds while an image is unpacked. One thread.
final class Allowance {
  private final Bounds bounds;
  private long unpacked;
  private long packed;
  private int entries;
  private long names;

  Allowance(Bounds bounds) {
    this.bounds = bounds;
  }

  void unpack(long bytes) throws LayerException {
    unpacked += bytes;
    if (unpacked > bounds.bytes()) {
      throw new LayerException("it unpacks to more than the " + bounds.bytes() + " bytes allowed");
    }
    if (unpacked > bounds.patience() && unpacked / bounds.ratio() > packed) {
      throw new LayerException(
          "it is a decompression bomb: "
              + packed
              + " bytes unpack to more than "
              + bounds.ratio()
              + " times as many");
    }
  }

  void pack(long bytes) {
    packed += bytes;
  }

  void entry(TarEntry entry) throws LayerException {
    entries++;
    names += entry.name().length() + entry.link().length();
    for (var attribute : entry.attributes().entrySet()) {
      names += attribute.getKey().length() + attribute.getValue().length;
    }
    if (entries > bounds.entries()) {
      throw new LayerException("it has more than the " + bounds.entries() + " entries allowed");
    }
    if (names > bounds.names()) {
      throw new LayerException("its names take more than the " + bounds.names() + " bytes allowed");
    }
  }
}
