package io.atoll.p2p.kad.machine;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Optional;

/// How a query ended.
public sealed interface KadResult {
  /// @param peers those that answered, nearest first
  /// @param asked how many were asked
  record Closest(List<Contact> peers, int asked) implements KadResult {}

  record Found(Optional<Contact> peer) implements KadResult {}

  record Value(Optional<ByteString> value) implements KadResult {}

  /// @param peers how many took the value or the entry; with 0 it is nowhere
  record Stored(int peers) implements KadResult {}

  record Providers(List<Contact> providers) implements KadResult {}

  /// Nothing was sent.
  record Refused(String why) implements KadResult {}
}
