package io.atoll.vpn.wireguard.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.term.Cidr;
import io.atoll.core.term.IpAddress;
import io.atoll.core.testing.Fuzz;
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
    routes.put(Cidr.parse("10.1.2.3/32"), "one address");
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

  /// Against a model that looks at all blocks for each address. Addresses and blocks are few and
  /// near each other, so that they meet.
  @Test
  void itDoesWhatAListWouldDo() {
    Fuzz.rounds(
        "allowed ips",
        400,
        random -> {
          AllowedIps<Integer> routes = new AllowedIps<>();
          Map<Cidr, Integer> model = new HashMap<>();
          for (int i = 0; i < 60; i++) {
            IpAddress in = address(random);
            Cidr block = Cidr.around(in, random.nextInt(in.width() + 1));
            Integer owner = random.nextInt(5);
            if (random.nextInt(3) > 0) {
              routes.put(block, owner);
              model.put(block, owner);
            } else {
              routes.remove(block, owner);
              model.remove(block, owner);
            }
          }
          for (int i = 0; i < 100; i++) {
            IpAddress address = address(random);
            assertThat(
                    address.isV4()
                        ? routes.ownerOf4(address.v4Bits())
                        : routes.ownerOf6(address.high(), address.low()))
                .as(address.toString())
                .isEqualTo(longest(model, address));
          }
        });
  }

  private static @Nullable Integer longest(Map<Cidr, Integer> model, IpAddress address) {
    Integer best = null;
    int bits = -1;
    for (Map.Entry<Cidr, Integer> entry : model.entrySet()) {
      Cidr block = entry.getKey();
      if (block.contains(address) && block.bits() > bits) {
        best = entry.getValue();
        bits = block.bits();
      }
    }
    return best;
  }

  private static IpAddress address(Random random) {
    return random.nextBoolean()
        ? IpAddress.v4(10 << 24 | random.nextInt(4) << random.nextInt(24))
        : new IpAddress(
            0xfd00L << 48 | (long) random.nextInt(4) << random.nextInt(46),
            (long) random.nextInt(4) << random.nextInt(62));
  }
}
