package io.atoll.vpn.wireguard.route;

import io.atoll.core.term.Cidr;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// To whom each address belongs: the longest prefix that contains it decides. Two tries of bits
/// without nodes that decide nothing. Nodes never change: a change makes those on its way anew, so
/// lookups need no lock; whoever changes has one.
public final class AllowedIps<T> implements Owners<T> {
  private volatile @Nullable Node<T> v4;
  private volatile @Nullable Node<T> v6;

  private record Node<T>(
      Prefix prefix, @Nullable T owner, @Nullable Node<T> zero, @Nullable Node<T> one) {
    @Nullable Node<T> child(boolean bit) {
      return bit ? one : zero;
    }

    Node<T> withChild(boolean bit, @Nullable Node<T> child) {
      return bit ? new Node<>(prefix, owner, zero, child) : new Node<>(prefix, owner, child, one);
    }

    Node<T> withOwner(T owner) {
      return new Node<>(prefix, owner, zero, one);
    }
  }

  @Override
  public @Nullable T ownerOf4(int address) {
    return find(v4, (long) address << 32, 0, 32);
  }

  @Override
  public @Nullable T ownerOf6(long high, long low) {
    return find(v6, high, low, 128);
  }

  /// A block has one owner: it is taken from whoever had it.
  public void put(Cidr block, T owner) {
    Prefix prefix = Prefix.of(block);
    if (prefix.v6()) {
      v6 = put(v6, prefix, owner);
    } else {
      v4 = put(v4, prefix, owner);
    }
  }

  /// Takes a block from its owner; nothing changes if it has another.
  public void remove(Cidr block, T owner) {
    Prefix prefix = Prefix.of(block);
    if (prefix.v6()) {
      v6 = remove(v6, prefix, owner);
    } else {
      v4 = remove(v4, prefix, owner);
    }
  }

  private static <T> @Nullable T find(@Nullable Node<T> root, long high, long low, int all) {
    T best = null;
    Node<T> node = root;
    while (node != null && node.prefix.contains(high, low)) {
      if (node.owner != null) {
        best = node.owner;
      }
      int bits = node.prefix.bits();
      node = bits == all ? null : node.child(Prefix.bit(high, low, bits));
    }
    return best;
  }

  private static <T> Node<T> put(@Nullable Node<T> node, Prefix prefix, T owner) {
    if (node == null) {
      return new Node<>(prefix, owner, null, null);
    }
    int common = node.prefix.common(prefix);
    if (common < node.prefix.bits()) {
      // It ends, or turns away, above the node.
      Prefix above = new Prefix(prefix.v6(), prefix.high(), prefix.low(), common);
      Node<T> parent =
          new Node<T>(above, null, null, null).withChild(node.prefix.bit(common), node);
      return common == prefix.bits()
          ? parent.withOwner(owner)
          : parent.withChild(prefix.bit(common), new Node<>(prefix, owner, null, null));
    }
    if (common == prefix.bits()) {
      return node.withOwner(owner);
    }
    boolean bit = prefix.bit(common);
    return node.withChild(bit, put(node.child(bit), prefix, owner));
  }

  private static <T> @Nullable Node<T> remove(@Nullable Node<T> node, Prefix prefix, T owner) {
    if (node == null || node.prefix.common(prefix) < node.prefix.bits()) {
      return node;
    }
    if (node.prefix.bits() == prefix.bits()) {
      return Objects.equals(node.owner, owner)
          ? needed(new Node<>(node.prefix, null, node.zero, node.one))
          : node;
    }
    boolean bit = prefix.bit(node.prefix.bits());
    return needed(node.withChild(bit, remove(node.child(bit), prefix, owner)));
  }

  /// The node, or what does without it.
  private static <T> @Nullable Node<T> needed(Node<T> node) {
    if (node.owner != null || (node.zero != null && node.one != null)) {
      return node;
    }
    return node.zero != null ? node.zero : node.one;
  }
}
