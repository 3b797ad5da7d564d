package io.atoll.vpn.wireguard.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.testing.Fuzz;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AllowedIpsTest {
  @Test
  void theLongestPrefixDecides() {
    AllowedIps<String> routes = new AllowedIps<>();
    routes.put(Cidr.parse("0.0.0.0/0"), "all");
    routes.put(Cidr.parse("10.0.0.0/8"), "ten");
    routes.put(Cidr.parse("10.1.0.0/16"), "ten one");
    routes.put(Cidr.parse("10.1.2.3"), "one address");
    routes.put(Cidr.parse("fd00::/8"), "six");
    routes.put(Cidr.parse("fd00:0:0:1::/64"), "six one");
    assertThat(routes.ownerOf4(0x08080808)).isEqualTo("all");
    assertThat(routes.ownerOf4(0x0a090909)).isEqualTo("ten");
    assertThat(routes.ownerOf4(0x0a010909)).isEqualTo("ten one");
    assertThat(routes.ownerOf4(0x0a010203)).isEqualTo("one address");
    assertThat(routes.ownerOf6(0xfd00000000000001L, 5)).isEqualTo("six one");
    assertThat(routes.ownerOf6(0xfd00000000000002L, 5)).isEqualTo("six");
    assertThat(routes.ownerOf6(0xfe00000000000002L, 5)).isNull();
    routes.remove(Cidr.parse("10.1.0.0/16"), "somebody else");
    assertThat(routes.ownerOf4(0x0a010909)).isEqualTo("ten one");
    routes.remove(Cidr.parse("10.1.0.0/16"), "ten one");
    assertThat(routes.ownerOf4(0x0a010909)).isEqualTo("ten");
    assertThat(routes.ownerOf4(0x0a010203)).isEqualTo("one address");
  }

  @Test
  void prefixesAreReadStrictly() {
    assertThat(Cidr.parse("10.1.2.3/8").toString()).isEqualTo("10.0.0.0/8");
    assertThat(Cidr.parse("::/0").bits()).isZero();
    for (String wrong : new String[] {"", "10.0.0.0/33", "fd00::/129", "name/8", "10.0.0.0/-1"}) {
      assertThatThrownBy(() -> Cidr.parse(wrong)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  /// Against a model that looks at all prefixes for each address. Addresses and prefixes are few
  /// and near each other, so that they meet.
  @Test
  void itDoesWhatAListWouldDo() {
    Fuzz.rounds(
        "allowed ips",
        400,
        random -> {
          AllowedIps<Integer> routes = new AllowedIps<>();
          Map<Cidr, Integer> model = new HashMap<>();
          for (int i = 0; i < 60; i++) {
            Cidr prefix = prefix(random);
            Integer owner = random.nextInt(5);
            if (random.nextInt(3) > 0) {
              routes.put(prefix, owner);
              model.put(prefix, owner);
            } else {
              routes.remove(prefix, owner);
              model.remove(prefix, owner);
            }
          }
          for (int i = 0; i < 100; i++) {
            Cidr address = prefix(random);
            Integer expected = longest(model, address);
            assertThat(
                    address.v6()
                        ? routes.ownerOf6(address.high(), address.low())
                        : routes.ownerOf4((int) (address.high() >>> 32)))
                .as(address.toString())
                .isEqualTo(expected);
          }
        });
  }

  private static @Nullable Integer longest(Map<Cidr, Integer> model, Cidr address) {
    Integer best = null;
    int bits = -1;
    for (Map.Entry<Cidr, Integer> entry : model.entrySet()) {
      Cidr prefix = entry.getKey();
      if (prefix.v6() == address.v6()
          && prefix.bits() > bits
          && same(prefix, address, prefix.bits())) {
        best = entry.getValue();
        bits = prefix.bits();
      }
    }
    return best;
  }

  /// Bit by bit, unlike what is tested.
  private static boolean same(Cidr one, Cidr other, int bits) {
    byte[] a = ByteBuffer.allocate(16).putLong(one.high()).putLong(one.low()).array();
    byte[] b = ByteBuffer.allocate(16).putLong(other.high()).putLong(other.low()).array();
    for (int i = 0; i < bits; i++) {
      if (((a[i / 8] ^ b[i / 8]) & (0x80 >> i % 8)) != 0) {
        return false;
      }
    }
    return true;
  }

  private static Cidr prefix(Random random) {
    boolean v6 = random.nextBoolean();
    long high = 0xfd00L << 48 | (long) random.nextInt(4) << random.nextInt(46);
    long low = (long) random.nextInt(4) << random.nextInt(62);
    int all = v6 ? 128 : 32;
    return new Cidr(
        v6, v6 ? high : high & 0xffffffff00000000L, v6 ? low : 0, random.nextInt(all + 1));
  }
}
