package io.atoll.client.request;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.Cidr;
import io.atoll.core.term.IpAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Requests about private networks: defaults and checks.
public final class NetMapping {
  /// RFC 1918, and what providers of access share (RFC 6598).
  private static final List<Cidr> PRIVATE =
      List.of(
          Cidr.parse("10.0.0.0/8"),
          Cidr.parse("172.16.0.0/12"),
          Cidr.parse("192.168.0.0/16"),
          Cidr.parse("100.64.0.0/10"));

  private static final int LEAST_BITS = 8;
  private static final int MOST_BITS = 30;

  private NetMapping() {}

  /// @param v4 null = any block that is free
  public record Wanted(String name, @Nullable Cidr v4, boolean allProviders) {}

  /// @throws AtollException BAD_REQUEST
  public static Wanted wanted(byte[] json) {
    JsonFields fields = JsonFields.read(json);
    String name = fields.text("name");
    String cidr = fields.text("cidr");
    Boolean all = fields.flag("allProviders");
    fields.done();
    if (name == null) {
      throw refused("name: missing", "name the network, such as mynet");
    }
    return new Wanted(
        label("name", name), cidr == null ? null : block(cidr), Boolean.TRUE.equals(all));
  }

  /// @param door the node that it speaks to, by id or name; null = the hub's own machine
  public record WantedDevice(String name, @Nullable String door) {}

  /// A device for a network.
  ///
  /// @throws AtollException BAD_REQUEST
  public static WantedDevice device(byte[] json) {
    JsonFields fields = JsonFields.read(json);
    String name = fields.text("name");
    String door = fields.text("door");
    fields.done();
    if (name == null) {
      throw refused("name: missing", "name the device, such as phone");
    }
    if (!isLabel(name)) {
      throw refused(
          "name: " + Shown.quoted(name) + " is not the name of a device",
          "use up to 63 small letters, digits and hyphens inside, such as phone");
    }
    return new WantedDevice(name, door);
  }

  /// Another address for a member.
  ///
  /// @throws AtollException BAD_REQUEST
  public static IpAddress address(byte[] json) {
    JsonFields fields = JsonFields.read(json);
    String address = fields.text("address");
    fields.done();
    if (address == null) {
      throw refused("address: missing", "write an address of IPv4 in the network's block");
    }
    return SeatMapping.address("address", address);
  }

  /// RFC 1035 §2.3.1, in lower case; a digit may come first.
  private static boolean isLabel(String text) {
    return !text.isEmpty()
        && text.length() <= 63
        && text.charAt(0) != '-'
        && text.charAt(text.length() - 1) != '-'
        && text.chars().allMatch(c -> (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-');
  }

  static String label(String field, String text) {
    if (!isLabel(text)) {
      throw refused(
          field + ": " + Shown.quoted(text) + " is not the name of a network",
          "use up to 63 small letters, digits and hyphens inside, such as mynet");
    }
    return text;
  }

  /// A block for a network.
  ///
  /// @throws AtollException BAD_REQUEST if it is none of private addresses
  public static Cidr block(String text) {
    Cidr block;
    try {
      block = Cidr.parse(text.strip());
    } catch (IllegalArgumentException e) {
      throw new AtollException(
          ErrorCode.BAD_REQUEST,
          "cidr: " + Shown.quoted(text) + " cannot be used: " + e.getMessage(),
          "write a block of private addresses, such as 10.7.0.0/24",
          e);
    }
    boolean fits = block.isV4() && block.bits() >= LEAST_BITS && block.bits() <= MOST_BITS;
    if (!fits || PRIVATE.stream().noneMatch(all -> all.contains(block.base()))) {
      throw refused(
          "cidr: " + block + " is no block of private addresses",
          "write one of IPv4 inside 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10,"
              + " with a prefix of at most 30 bits, such as 10.7.0.0/24");
    }
    Cidr around =
        PRIVATE.stream().filter(all -> all.contains(block.base())).findFirst().orElseThrow();
    if (block.bits() < around.bits()) {
      throw refused(
          "cidr: " + block + " reaches beyond " + around, "write a smaller block inside " + around);
    }
    return block;
  }

  private static AtollException refused(String message, String hint) {
    return new AtollException(ErrorCode.BAD_REQUEST, message, hint);
  }
}
