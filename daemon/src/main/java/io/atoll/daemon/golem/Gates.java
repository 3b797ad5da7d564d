package io.atoll.daemon.golem;

import io.atoll.core.error.AtollException;
import io.atoll.core.term.IpAddress;
import io.atoll.daemon.gate.GateTarget;
import io.atoll.daemon.store.KeyRow;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Golem's ways into networks:
///
/// ```
///   …/net/NET/tcp/HOST/PORT
///   …/net/NET/raw/from/ADDRESS/to/ADDRESS
/// ```
public final class Gates {
  private static final List<List<String>> ROOTS =
      List.of(List.of("", "net-api", "v1", "net"), List.of("", "net-api", "v2", "vpn", "net"));

  private final Nets nets;

  Gates(Nets nets) {
    this.nets = nets;
  }

  /// @param path decoded
  /// @return null for any other path
  public static @Nullable GateTarget parse(String path) {
    List<String> parts = Arrays.asList(path.split("/", -1));
    for (List<String> root : ROOTS) {
      if (parts.size() > root.size() && parts.subList(0, root.size()).equals(root)) {
        return target(parts.subList(root.size(), parts.size()));
      }
    }
    return null;
  }

  private static @Nullable GateTarget target(List<String> words) {
    if (words.size() == 4 && words.get(1).equals("tcp")) {
      List<String> ours = new ArrayList<>(List.of("", "api", "v1", "networks"));
      ours.addAll(words);
      return GateTarget.parse(String.join("/", ours));
    }
    boolean raw =
        words.size() == 6
            && words.get(1).equals("raw")
            && words.get(2).equals("from")
            && words.get(4).equals("to");
    if (!raw || words.get(0).isEmpty()) {
      return null;
    }
    try {
      return new GateTarget.Pair(
          words.get(0), IpAddress.parse(words.get(3)), IpAddress.parse(words.get(5)));
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /// @throws AtollException NOT_FOUND, or DENIED where the network or the address is another key's
  public void check(GateTarget target, KeyRow caller) {
    switch (target) {
      case GateTarget.Tcp tcp -> nets.own(caller.id(), tcp.network());
      case GateTarget.Pair pair -> nets.checkSends(caller.id(), pair.network(), pair.from());
      case GateTarget.Udp _, GateTarget.Raw _ -> {
        // Not in Golem's words: `parse` makes none.
      }
    }
  }
}
