package io.atoll.p2p.portmap;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.testing.OwnNetwork;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// miniupnpd is the witness: a real gateway in a network that this test makes
/// (`src/test/sh/portmap.sh` draws it). Nothing leaves the machine, and no rights are needed but
/// those to make namespaces.
@Tag("real")
@Timeout(90)
class GatewayTest {
  @TempDir private Path folder;

  @Test
  void portsAreMappedByEachProtocolReachedFromOutsideAndTakenBack() throws Exception {
    OwnNetwork.require(
        "ip link add d0 type veth && nft list ruleset && command -v miniupnpd",
        "a gateway needs unshare, ip, nft and miniupnpd (apt: util-linux iproute2 nftables"
            + " miniupnpd-nftables), and a system that lets users make namespaces");
    List<String> words = new ArrayList<>(List.of(folder.toString()));
    words.addAll(OwnNetwork.java(PortMapPeer.class));
    String text =
        OwnNetwork.run(folder.resolve("said"), Duration.ofSeconds(75), "portmap.sh", words);
    assertThat(text).contains("gateway 10.1.0.1").doesNotContain("Exception");
    for (String by : List.of("PCP", "NAT-PMP", "UPnP")) {
      assertThat(text.lines())
          .as(text)
          .contains(
              by + " tcp 5.5.5.1",
              by + " lifetime 600",
              by + " outside hello 5.5.5.2",
              by + " rules there",
              by + " renewed true",
              by + " after close gone",
              by + " outside then ");
    }
    assertThat(text).contains("UPnP for port 22: NotMapped[cause=REFUSED");
    assertThat(text).contains("all 7464", "all after close gone");
  }
}
