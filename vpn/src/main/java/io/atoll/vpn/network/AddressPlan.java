package io.atoll.vpn.network;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.Cidr;
import io.atoll.core.term.IpAddress;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Which address a new member gets.
public final class AddressPlan {
  /// Where networks get their block from if nobody says which: private (RFC 1918), and not what
  /// homes, Docker and Kubernetes take first.
  private static final Cidr POOL = Cidr.parse("10.96.0.0/11");

  private static final int BLOCK_BITS = 24;

  private AddressPlan() {}

  /// The first block that overlaps none that is taken.
  ///
  /// @throws AtollException `NO_CAPACITY` if all are taken
  public static Cidr block(Collection<Cidr> taken) {
    long step = 1L << (32 - BLOCK_BITS);
    for (long at = 0; at < POOL.size(); at += step) {
      Cidr block = new Cidr(POOL.base().plus(at), BLOCK_BITS);
      if (taken.stream().noneMatch(block::overlaps)) {
        return block;
      }
    }
    throw new AtollException(
        ErrorCode.NO_CAPACITY,
        "every block of addresses in " + POOL + " belongs to a network",
        "remove a network that is not needed, or name a block with --cidr");
  }

  /// The pair of addresses for a member: the wanted one or the lowest that is free, and the one of
  /// IPv6 that ends in the same number.
  ///
  /// @param members who is there already
  /// @throws AtollException `CONFLICT` if somebody has the wanted one, `BAD_REQUEST` if it is none
  ///     for a member, `NO_CAPACITY` if none is left
  public static List<IpAddress> pair(
      Network network, Collection<Member> members, @Nullable IpAddress wanted) {
    Set<IpAddress> taken = new HashSet<>();
    for (Member member : members) {
      taken.add(member.v4());
      taken.add(member.v6());
    }
    if (wanted != null) {
      return wanted(network, taken, wanted);
    }
    for (long at = 2; at < network.v4().size() - 1; at++) {
      IpAddress v4 = network.v4().base().plus(at);
      IpAddress v6 = network.v6().base().plus(at);
      if (!taken.contains(v4) && !taken.contains(v6)) {
        return List.of(v4, v6);
      }
    }
    throw new AtollException(
        ErrorCode.NO_CAPACITY,
        "network " + network.name() + " has no address left in " + network.v4(),
        "remove members, or make a network with a larger block");
  }

  private static List<IpAddress> wanted(Network network, Set<IpAddress> taken, IpAddress wanted) {
    if (!wanted.isV4() || !network.isForMembers(wanted)) {
      throw new AtollException(
          ErrorCode.BAD_REQUEST,
          wanted + " is no address for a member of " + network.name(),
          "take one inside " + network.v4() + ", neither its first two nor its last");
    }
    long number = (wanted.v4Bits() & 0xffff_ffffL) - (network.v4().base().v4Bits() & 0xffff_ffffL);
    IpAddress v6 = network.v6().base().plus(number);
    if (taken.contains(wanted) || taken.contains(v6)) {
      throw new AtollException(
          ErrorCode.CONFLICT,
          wanted + " belongs to another member of " + network.name(),
          "leave the address out to get a free one; atoll net members " + network.name());
    }
    return List.of(wanted, v6);
  }
}
