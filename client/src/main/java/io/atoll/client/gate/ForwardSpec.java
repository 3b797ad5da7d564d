package io.atoll.client.gate;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/// What `atoll forward` is to do: `[BIND:]PORT:HOST:PORT[/udp]`.
///
/// @param bind where to listen here
/// @param local the port here; 0 = any free one
public record ForwardSpec(InetAddress bind, int local, Target target, boolean udp) {
  public ForwardSpec {
    if (local < 0 || local > 65_535) {
      throw new IllegalArgumentException("no port: " + local);
    }
  }

  /// @return null for what is none
  public static @Nullable ForwardSpec parse(String text) {
    boolean udp = text.endsWith("/udp");
    String rest =
        udp || text.endsWith("/tcp") ? text.substring(0, text.length() - "/udp".length()) : text;
    String bind = "127.0.0.1";
    if (rest.startsWith("[")) {
      int end = rest.indexOf("]:");
      if (end < 0) {
        return null;
      }
      bind = rest.substring(1, end);
      rest = rest.substring(end + 2);
    } else {
      int first = rest.indexOf(':');
      String word = first < 0 ? rest : rest.substring(0, first);
      if (first >= 0 && Target.number(word) < 0) {
        bind = word.equals("localhost") ? bind : word.equals("*") ? "0.0.0.0" : word;
        rest = rest.substring(first + 1);
      }
    }
    int colon = rest.indexOf(':');
    int local = colon < 0 ? -1 : Target.number(rest.substring(0, colon));
    Target target = local < 0 ? null : Target.parse(rest.substring(colon + 1), 0);
    if (target == null) {
      return null;
    }
    try {
      return new ForwardSpec(InetAddress.ofLiteral(bind), local, target, udp);
    } catch (IllegalArgumentException notAnAddress) {
      return null;
    }
  }
}
