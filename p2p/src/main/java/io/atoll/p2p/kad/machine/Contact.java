package io.atoll.p2p.kad.machine;

import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A peer, its place in the key space, and where it says that it can be reached. What follows from
/// the addresses is worked out once.
public final class Contact {
  private final PeerId id;
  private final KadKey key;
  private final List<Multiaddr> addresses;
  private @Nullable List<IpGroup> groups;

  private Contact(PeerId id, KadKey key, List<Multiaddr> addresses) {
    this.id = id;
    this.key = key;
    this.addresses = List.copyOf(addresses);
  }

  public static Contact of(PeerId id, List<Multiaddr> addresses) {
    return new Contact(id, KadKey.of(id), addresses);
  }

  public PeerId id() {
    return id;
  }

  public KadKey key() {
    return key;
  }

  public List<Multiaddr> addresses() {
    return addresses;
  }

  /// With whom it shares addresses and networks, by its own word.
  List<IpGroup> groups() {
    List<IpGroup> known = groups;
    if (known == null) {
      known = IpGroup.of(addresses);
      groups = known;
    }
    return known;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Contact contact
        && contact.id.equals(id)
        && contact.addresses.equals(addresses);
  }

  @Override
  public int hashCode() {
    return id.hashCode();
  }

  @Override
  public String toString() {
    return id + " at " + addresses;
  }
}
