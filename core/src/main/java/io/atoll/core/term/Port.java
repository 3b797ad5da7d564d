package io.atoll.core.term;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/// A port that a workload listens on: `80/tcp`.
public record Port(int number, Protocol protocol) {
  public enum Protocol {
    TCP,
    UDP
  }

  public Port {
    if (number < 1 || number > 65535) {
      throw new IllegalArgumentException("not a port: " + number + "; ports are 1 to 65535");
    }
  }

  /// Reads `80`, `80/tcp` or `53/udp`.
  @JsonCreator
  public static Port parse(String text) {
    int slash = text.indexOf('/');
    String number = slash < 0 ? text : text.substring(0, slash);
    String protocol = slash < 0 ? "TCP" : text.substring(slash + 1).toUpperCase(Locale.ROOT);
    try {
      return new Port(Integer.parseInt(number), Protocol.valueOf(protocol));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "not a port: '" + text + "'; write a number from 1 to 65535, with /tcp or /udp behind it",
          e);
    }
  }

  @JsonValue
  @Override
  public String toString() {
    return number + "/" + protocol.name().toLowerCase(Locale.ROOT);
  }
}
