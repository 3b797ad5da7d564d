package io.atoll.core.term;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.nio.ByteBuffer;
import java.util.HexFormat;

/// The address of an Ethernet card.
///
/// @param bits its 48 bits
public record MacAddress(long bits) {
  public static final int BYTES = 6;
  public static final MacAddress BROADCAST = new MacAddress(0xffff_ffff_ffffL);

  public MacAddress {
    if (bits >>> 48 != 0) {
      throw new IllegalArgumentException("an address of Ethernet has 48 bits");
    }
  }

  @JsonCreator
  public static MacAddress parse(String text) {
    try {
      return new MacAddress(HexFormat.fromHexDigitsToLong(text.replace(":", "")));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "not an address of Ethernet, such as 02:00:00:12:34:56", e);
    }
  }

  /// The six bytes at the buffer's position.
  public static MacAddress read(ByteBuffer from) {
    long high = Short.toUnsignedLong(from.getShort());
    return new MacAddress(high << 32 | Integer.toUnsignedLong(from.getInt()));
  }

  public void write(ByteBuffer to) {
    to.putShort((short) (bits >>> 32)).putInt((int) bits);
  }

  public byte[] bytes() {
    ByteBuffer bytes = ByteBuffer.allocate(BYTES);
    write(bytes);
    return bytes.array();
  }

  /// Whether it stands for more than one card.
  public boolean isGroup() {
    return (bits >>> 40 & 1) != 0;
  }

  @JsonValue
  @Override
  public String toString() {
    return HexFormat.ofDelimiter(":").formatHex(bytes());
  }
}
