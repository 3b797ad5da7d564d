package io.atoll.runtime.image.layer;

/// What becomes of device files in layers.
public enum DevicePolicy {
  /// They are left out: whoever runs the image makes a `/dev` of its own.
  LEAVE_OUT,
  /// The image is refused.
  REFUSE,
  /// They are kept, for a root that is mounted where devices do not work, or in a guest.
  KEEP
}
