package io.atoll.core.multiformat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EncodingTest {
  @ParameterizedTest
  @CsvSource({
    "0, 00",
    "1, 01",
    "127, 7f",
    "128, 8001",
    "255, ff01",
    "300, ac02",
    "16384, 808001",
    "9223372036854775807, ffffffffffffffff7f"
  })
  void writesAndReadsUvarints(long value, String hex) throws Exception {
    byte[] bytes = HexFormat.of().parseHex(hex);
    assertThat(Uvarint.encode(value)).isEqualTo(bytes);
    assertThat(Uvarint.read(ByteBuffer.wrap(bytes))).isEqualTo(value);
    assertThat(Uvarint.read(new ByteArrayInputStream(bytes), Long.MAX_VALUE)).isEqualTo(value);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "80", "8000", "ffffffffffffffffff01", "80808080808080808000"})
  void refusesBadUvarints(String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    assertThatThrownBy(() -> Uvarint.read(ByteBuffer.wrap(bytes)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Uvarint.read(new ByteArrayInputStream(bytes), Long.MAX_VALUE))
        .isInstanceOfAny(EOFException.class, ProtocolException.class);
  }

  @Test
  void readsNoFurtherThanTheLargestWanted() {
    var in = new ByteArrayInputStream(HexFormat.of().parseHex("ffffffff7f"));
    assertThatThrownBy(() -> Uvarint.read(in, 1024)).isInstanceOf(ProtocolException.class);
    assertThat(in.available()).isEqualTo(3);
  }

  /// Vectors of the base58 draft and of bitcoin's tests.
  @ParameterizedTest
  @CsvSource({
    "'', ''",
    "61, 2g",
    "626262, a3gV",
    "516b6fcd0f, ABnLTmg",
    "00000000000000000000, 1111111111",
    "0000287fb4cd, 11233QC4",
    "48656c6c6f20576f726c6421, 2NEpo7TZRRrLZSi2U",
    "ecac89cad93923c02321, EJDM8drfXA6uyA"
  })
  void writesAndReadsBase58(String hex, String text) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    assertThat(Base58.encode(bytes)).isEqualTo(text);
    assertThat(Base58.decode(text)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "O", "I", "l", "2g ", "é", "2\n"})
  void refusesBadBase58(String text) {
    assertThatThrownBy(() -> Base58.decode(text)).isInstanceOf(IllegalArgumentException.class);
  }

  /// Vectors of RFC 4648, in lower case and without padding.
  @ParameterizedTest
  @CsvSource({
    "'', ''",
    "f, my",
    "fo, mzxq",
    "foo, mzxw6",
    "foob, mzxw6yq",
    "fooba, mzxw6ytb",
    "foobar, mzxw6ytboi"
  })
  void writesAndReadsBase32(String plain, String text) {
    byte[] bytes = plain.getBytes(StandardCharsets.US_ASCII);
    assertThat(Base32.encode(bytes)).isEqualTo(text);
    assertThat(Base32.decode(text)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"m", "mz", "MY", "my======", "mzx", "m1"})
  void refusesBadBase32(String text) {
    assertThatThrownBy(() -> Base32.decode(text)).isInstanceOf(IllegalArgumentException.class);
  }
}
