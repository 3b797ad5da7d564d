package io.atoll.vpn.network;

import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.json.Json;
import io.atoll.core.term.NetworkId;
import io.atoll.p2p.record.Envelope;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The way from one version of a membership to a later one, sealed by the network's owner: what a
/// node is sent. From version 0 it is the whole.
///
/// @param from the version it applies to
/// @param set members that are new or differ
/// @param left the ids of members that are gone
/// @param keys signed keys of nodes that are new or differ, see `NodeKey`
/// @param gone nodes whose keys are gone
/// @param egress what may leave from now on; null = what might before
/// @param seal the owner's signature over what comes out
public record Change(
    NetworkId network,
    long from,
    List<Member> set,
    List<String> left,
    List<byte[]> keys,
    List<PeerId> gone,
    @Nullable Egress egress,
    byte[] seal) {
  private static final String DOMAIN = "atoll-network";
  private static final byte[] TYPE = "/atoll/network".getBytes(StandardCharsets.US_ASCII);
  private static final int LARGEST_SEAL = 1 << 10;

  public Change {
    Objects.requireNonNull(network, "the network of a change");
    Objects.requireNonNull(seal, "the seal of a change");
    set = List.copyOf(set);
    left = List.copyOf(left);
    keys = List.copyOf(keys);
    gone = List.copyOf(gone);
  }

  /// What the owner signs.
  private record Sealed(NetworkId network, long version, byte[] digest) {}

  /// How a change was taken.
  public sealed interface Outcome {
    record Applied(Membership membership) implements Outcome {}

    /// It leads to a version that is not later than the one that is known.
    record Known() implements Outcome {}

    /// It starts from a version that is not known here: the whole is needed.
    record Gap(long known) implements Outcome {}

    /// The owner did not sign that, or it does not hold together.
    record Refused(String why) implements Outcome {}
  }

  /// Signs the way from one membership to a later one of the same network.
  public static Change between(Identity owner, Membership before, Membership after) {
    if (!before.network().equals(after.network()) || after.version() <= before.version()) {
      throw new IllegalArgumentException("no later version of the same network");
    }
    if (!owner.id().equals(after.network().owner())) {
      throw new IllegalArgumentException(owner + " does not own " + after.network().name());
    }
    Set<String> members = new TreeSet<>(before.members().keySet());
    members.addAll(after.members().keySet());
    members.removeIf(id -> Objects.equals(before.members().get(id), after.members().get(id)));
    Set<PeerId> nodes = new TreeSet<>(before.keys().keySet());
    nodes.addAll(after.keys().keySet());
    nodes.removeIf(node -> Objects.equals(before.keys().get(node), after.keys().get(node)));
    boolean same = after.egress().equals(before.egress());
    return of(after, before.version(), members, nodes, !same, seal(owner, after));
  }

  /// The owner's signature over a membership, which is the same in all changes that lead to it.
  public static byte[] seal(Identity owner, Membership after) {
    Sealed sealed = new Sealed(after.network().id(), after.version(), after.digest());
    return Envelope.seal(owner, DOMAIN, TYPE, Json.bytes(sealed)).encode();
  }

  /// The way from a version to a membership, by who knows what is different.
  ///
  /// @param members ids of those that are new, differ or are gone since
  /// @param nodes those whose keys are
  /// @param egress whether other things may leave since
  /// @param seal see [#seal]
  public static Change of(
      Membership after,
      long from,
      Collection<String> members,
      Collection<PeerId> nodes,
      boolean egress,
      byte[] seal) {
    return new Change(
        after.network().id(),
        from,
        members.stream().map(after.members()::get).filter(Objects::nonNull).toList(),
        members.stream().filter(id -> !after.members().containsKey(id)).toList(),
        nodes.stream()
            .map(after.keys()::get)
            .filter(Objects::nonNull)
            .map(NodeKey::signed)
            .toList(),
        nodes.stream().filter(node -> !after.keys().containsKey(node)).toList(),
        egress ? after.egress() : null,
        seal);
  }

  /// The membership after this change, if its owner says so.
  public Outcome apply(Membership before) {
    if (!before.network().id().equals(network)) {
      return new Outcome.Refused("it is of network " + network);
    }
    try {
      Sealed sealed = open(before.network());
      if (sealed.version <= before.version()) {
        return new Outcome.Known();
      }
      if (from != before.version() && from != 0) {
        return new Outcome.Gap(before.version());
      }
      Membership base = from == 0 ? Membership.empty(before.network()) : before;
      Membership after = changed(base, sealed.version);
      if (!MessageDigest.isEqual(after.digest(), sealed.digest)) {
        return new Outcome.Refused("what comes out is not what its owner signed");
      }
      return new Outcome.Applied(after);
    } catch (IllegalArgumentException e) {
      return new Outcome.Refused(String.valueOf(e.getMessage()));
    }
  }

  private Sealed open(Network of) {
    try {
      Envelope envelope = Envelope.open(seal, DOMAIN, TYPE, LARGEST_SEAL);
      Sealed sealed = Json.read(envelope.payload(), Sealed.class);
      if (!envelope.author().equals(of.owner())) {
        throw new IllegalArgumentException(envelope.author() + " does not own the network");
      }
      if (sealed == null || !of.id().equals(sealed.network) || sealed.digest == null) {
        throw new IllegalArgumentException("it was signed for another network");
      }
      return sealed;
    } catch (IOException e) {
      throw new IllegalArgumentException("its seal is none: " + e.getMessage(), e);
    }
  }

  private Membership changed(Membership before, long version) {
    NavigableMap<String, Member> members = new TreeMap<>(before.members());
    left.forEach(members::remove);
    set.forEach(member -> members.put(member.id(), member));
    NavigableMap<PeerId, NodeKey> nodeKeys = new TreeMap<>(before.keys());
    gone.forEach(nodeKeys::remove);
    List<NodeKey> opened = new ArrayList<>();
    keys.forEach(signed -> opened.add(NodeKey.open(signed)));
    opened.forEach(key -> nodeKeys.put(key.node(), key));
    return new Membership(
        before.network(), version, members, nodeKeys, egress == null ? before.egress() : egress);
  }
}
