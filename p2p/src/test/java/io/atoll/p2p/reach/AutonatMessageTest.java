package io.atoll.p2p.reach;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.core.testing.Fuzz;
import java.net.ProtocolException;
import java.time.Duration;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class AutonatMessageTest {
  private static final Multiaddr ADDRESS = Multiaddr.parse("/ip4/1.2.3.4/tcp/5");
  private static final PeerId ALICE = Identity.generate().id();

  @Test
  void theFirstVersionReadsWhatItWrites() throws Exception {
    for (AutonatV1 message :
        List.of(
            new AutonatV1.Dial(ALICE, List.of(ADDRESS)),
            new AutonatV1.Response(AutonatV1.OK, "", Optional.of(ADDRESS)),
            new AutonatV1.Response(AutonatV1.DIAL_ERROR, "no", Optional.empty()))) {
      assertThat(AutonatV1.decode(message.encode())).isEqualTo(message);
    }
    // js leaves the type DIAL and the status OK out.
    assertThat(AutonatV1.decode(HexFormat.of().parseHex("08011a00")))
        .isEqualTo(new AutonatV1.Response(AutonatV1.OK, "", Optional.empty()));
  }

  @Test
  void theSecondVersionReadsWhatItWrites() throws Exception {
    for (AutonatV2 message :
        List.of(
            new AutonatV2.Request(List.of(Optional.of(ADDRESS), Optional.empty()), -7),
            new AutonatV2.Response(AutonatV2.OK, 3, AutonatV2.DIAL_BACK_ERROR),
            new AutonatV2.DataRequest(1, 100_000),
            new AutonatV2.Data(4096))) {
      assertThat(AutonatV2.decode(message.encode())).isEqualTo(message);
    }
    assertThat(AutonatV2.decodeNonce(AutonatV2.encodeNonce(-7))).isEqualTo(-7);
    // fixed64, little endian.
    assertThat(AutonatV2.encodeNonce(1)).isEqualTo(HexFormat.of().parseHex("090100000000000000"));
    var many = new AutonatV2.Request(Collections.nCopies(51, Optional.of(ADDRESS)), 1);
    assertThatThrownBy(() -> AutonatV2.decode(many.encode())).hasMessageContaining("more than 50");
  }

  @Test
  void onlyAddressesOfTheInternetAreDialled() {
    ReachPolicy policy = ReachPolicy.defaults();
    for (String good : List.of("/ip4/1.2.3.4/tcp/5", "/ip6/2001:db8::1/udp/5/quic-v1")) {
      assertThat(policy.dialable(Multiaddr.parse(good))).isTrue();
    }
    for (String bad :
        List.of(
            "/ip4/127.0.0.1/tcp/5",
            "/ip4/10.0.0.1/tcp/5",
            "/ip4/100.64.0.1/tcp/5",
            "/ip4/169.254.1.1/tcp/5",
            "/ip4/0.1.2.3/tcp/5",
            "/ip4/224.0.0.1/tcp/5",
            "/ip6/::1/tcp/5",
            "/ip6/fd00::1/tcp/5",
            "/ip6/fe80::1/tcp/5",
            "/dns4/example.org/tcp/5",
            "/ip4/1.2.3.4/tcp/5/p2p/" + ALICE + "/p2p-circuit")) {
      assertThat(policy.dialable(Multiaddr.parse(bad))).as(bad).isFalse();
    }
  }

  @Test
  void dialsForOthersAreBounded() {
    DialBudget budget = new DialBudget(4, 2);
    List<PeerId> peers = Stream.generate(() -> Identity.generate().id()).limit(4).toList();
    assertThat(budget.begin(peers.get(0), 0)).isTrue();
    // One at a time.
    assertThat(budget.begin(peers.get(0), 1)).isFalse();
    budget.end(peers.get(0));
    assertThat(budget.begin(peers.get(0), 2)).isTrue();
    budget.end(peers.get(0));
    assertThat(budget.begin(peers.get(0), 3)).isFalse();
    assertThat(budget.begin(peers.get(1), 4)).isTrue();
    assertThat(budget.begin(peers.get(2), 5)).isTrue();
    assertThat(budget.begin(peers.get(3), 6)).isFalse();
    long later = Duration.ofMinutes(1).toNanos();
    assertThat(budget.begin(peers.get(0), later)).isTrue();
    assertThat(budget.begin(peers.get(3), later)).isFalse();
    assertThat(budget.begin(peers.get(3), later + 10)).isTrue();
  }

  @Test
  void enoughPeersMustAgree() {
    Verdicts verdicts = new Verdicts(3);
    List<PeerId> peers = Stream.generate(() -> Identity.generate().id()).limit(8).toList();
    for (int i = 0; i < 2; i++) {
      verdicts.add(peers.get(0), ADDRESS, true);
      verdicts.add(peers.get(1), ADDRESS, true);
    }
    assertThat(verdicts.overall()).isEqualTo(Reachability.UNKNOWN);
    verdicts.add(peers.get(2), ADDRESS, true);
    assertThat(verdicts.overall()).isEqualTo(Reachability.PUBLIC);
    assertThat(verdicts.reachable()).containsExactly(ADDRESS);
    for (int i = 3; i < 8; i++) {
      verdicts.add(peers.get(i), ADDRESS, false);
    }
    assertThat(verdicts.overall()).isEqualTo(Reachability.PRIVATE);
  }

  @Test
  void damagedMessages() throws Exception {
    List<byte[]> good =
        List.of(
            new AutonatV1.Dial(ALICE, List.of(ADDRESS)).encode(),
            new AutonatV1.Response(AutonatV1.OK, "x", Optional.of(ADDRESS)).encode(),
            new AutonatV2.Request(List.of(Optional.of(ADDRESS)), -7).encode(),
            new AutonatV2.Response(AutonatV2.OK, 3, 200).encode(),
            new AutonatV2.DataRequest(1, 100_000).encode(),
            AutonatV2.encodeNonce(9));
    Fuzz.rounds(
        "autonat",
        10_000,
        random -> {
          byte[] damaged = Fuzz.bytes(random, good);
          try {
            AutonatV1.decode(damaged).encode();
          } catch (ProtocolException refused) {
            assertThat(refused.getMessage()).isNotBlank();
          }
          try {
            AutonatV2.decode(damaged).encode();
          } catch (ProtocolException refused) {
            assertThat(refused.getMessage()).isNotBlank();
          }
          try {
            AutonatV2.decodeNonce(damaged);
          } catch (ProtocolException refused) {
            assertThat(refused.getMessage()).isNotBlank();
          }
        });
  }
}
