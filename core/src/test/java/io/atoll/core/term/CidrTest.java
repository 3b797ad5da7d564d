package io.atoll.core.term;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.json.Json;
import io.atoll.core.testing.Fuzz;
import java.math.BigInteger;
import org.junit.jupiter.api.Test;

class CidrTest {
  @Test
  void knowsWhatLiesInIt() {
    Cidr four = Cidr.parse("10.7.0.0/24");
    assertThat(four.contains(IpAddress.parse("10.7.0.255"))).isTrue();
    assertThat(four.contains(IpAddress.parse("10.7.1.0"))).isFalse();
    assertThat(four.contains(IpAddress.parse("::ffff:0:a07:1"))).isFalse();
    assertThat(four.last()).hasToString("10.7.0.255");
    assertThat(four.size()).isEqualTo(256);
    Cidr six = Cidr.parse("fd00:1:2:3::/64");
    assertThat(six.contains(IpAddress.parse("fd00:1:2:3:ffff::1"))).isTrue();
    assertThat(six.contains(IpAddress.parse("fd00:1:2:4::"))).isFalse();
    assertThat(six.last()).hasToString("fd00:1:2:3:ffff:ffff:ffff:ffff");
    assertThat(Cidr.parse("0.0.0.0/0").contains(IpAddress.parse("255.1.2.3"))).isTrue();
    assertThat(Cidr.parse("::/0").contains(IpAddress.parse("10.0.0.1"))).isFalse();
  }

  @Test
  void tellsWhatOverlaps() {
    Cidr wide = Cidr.parse("10.0.0.0/8");
    assertThat(wide.overlaps(Cidr.parse("10.200.0.0/16"))).isTrue();
    assertThat(Cidr.parse("10.200.0.0/16").overlaps(wide)).isTrue();
    assertThat(wide.overlaps(Cidr.parse("11.0.0.0/8"))).isFalse();
    assertThat(wide.overlaps(Cidr.parse("fd00::/8"))).isFalse();
  }

  @Test
  void refusesWhatIsNone() {
    for (String text :
        new String[] {
          "", "10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "fd00::/129", "10.0.0/8", "a/8"
        }) {
      assertThatThrownBy(() -> Cidr.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> Cidr.parse("10.7.0.9/24"))
        .hasMessageContaining("did you mean 10.7.0.0/24?");
  }

  @Test
  void isAStringInJson() throws Exception {
    assertThat(Json.write(Cidr.parse("10.7.0.0/24"))).isEqualTo("\"10.7.0.0/24\"");
    assertThat(Json.read("\"fd00::/8\"", Cidr.class)).isEqualTo(Cidr.parse("fd00::/8"));
    assertThat(Json.read("\"fd00::7\"", IpAddress.class)).isEqualTo(IpAddress.parse("fd00::7"));
  }

  /// Against the arithmetic of large numbers.
  @Test
  void agreesWithArithmetic() {
    Fuzz.rounds(
        "address blocks",
        2_000,
        random -> {
          byte[] bytes = new byte[random.nextBoolean() ? 4 : 16];
          random.nextBytes(bytes);
          bytes[0] |= 1; // no mapped address
          IpAddress address = IpAddress.of(bytes);
          assertThat(IpAddress.parse(address.toString())).isEqualTo(address);
          assertThat(address.bytes()).isEqualTo(bytes);
          int bits = random.nextInt(address.width() + 1);
          BigInteger unit = BigInteger.ONE.shiftLeft(address.width() - bits);
          BigInteger number = new BigInteger(1, bytes);
          BigInteger first = number.subtract(number.mod(unit));
          Cidr block = Cidr.around(address, bits);
          assertThat(new BigInteger(1, block.base().bytes())).isEqualTo(first);
          assertThat(new BigInteger(1, block.last().bytes()))
              .isEqualTo(first.add(unit).subtract(BigInteger.ONE));
          assertThat(block.contains(address)).isTrue();
          int steps = random.nextInt(1 << 24) - (1 << 23);
          BigInteger sum = number.add(BigInteger.valueOf(steps));
          if (sum.signum() >= 0 && sum.bitLength() <= address.width()) {
            assertThat(new BigInteger(1, address.plus(steps).bytes())).isEqualTo(sum);
          }
        });
  }
}
