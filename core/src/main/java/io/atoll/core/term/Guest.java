package io.atoll.core.term;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Who a virtual machine is to be, for drivers whose machines can be told. What the parts mean, and
/// whether they are right, is its driver's to say.
///
/// @param hostname empty: chosen by the driver
/// @param sshKeys public keys, one line each, of who may log in
/// @param userData for cloud-init; empty: none
public record Guest(String hostname, List<String> sshKeys, String userData) {
  public static final Guest NONE = new Guest("", List.of(), "");

  /// Absent parts, as in messages of other versions, are empty.
  public Guest(
      @Nullable String hostname, @Nullable List<String> sshKeys, @Nullable String userData) {
    this.hostname = hostname == null ? "" : hostname;
    this.sshKeys = sshKeys == null ? List.of() : List.copyOf(sshKeys);
    this.userData = userData == null ? "" : userData;
  }
}
