package io.atoll.runtime.vm;

import io.atoll.core.term.Endpoint;
import io.atoll.core.term.Port;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads which ports of the host lead into a guest, from QEMU's own list (`info usernet`):
///
/// ```
///   TCP[HOST_FORWARD]  13       127.0.0.1 38475       10.0.2.15    22     0     0
/// ```
final class Forwards {
  private static final Pattern LINE =
      Pattern.compile(
          "(TCP|UDP)\\[HOST_FORWARD]\\s+\\d+\\s+([0-9.]{7,15})\\s+(\\d{1,5})\\s+[0-9.]+\\s+(\\d{1,5})\\b.*");
  private static final int MOST = 1000;

  private Forwards() {}

  static List<Endpoint> parse(String text) {
    List<Endpoint> all = new ArrayList<>();
    for (String line : text.split("\\R")) {
      Matcher matcher = LINE.matcher(line.strip());
      if (matcher.matches() && all.size() < MOST) {
        Port port = VmCommandLine.parse(matcher.group(1), matcher.group(4));
        int host = Integer.parseInt(matcher.group(3));
        if (port != null && host > 0 && host < 65536) {
          all.add(new Endpoint(port, matcher.group(2), host));
        }
      }
    }
    return all;
  }
}
