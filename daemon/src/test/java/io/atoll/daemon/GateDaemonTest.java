package io.atoll.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.client.HubClient;
import io.atoll.client.HubLocation;
import io.atoll.client.api.MemberView;
import io.atoll.client.api.NetworkRequest;
import io.atoll.client.api.VersionView;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.daemon.peers.NetworkSettings;
import io.atoll.runtime.resource.OwnerRules;
import io.atoll.runtime.resource.Thresholds;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A real daemon, a hub that is a provider or is none, lets its callers into a network:
/// over its own member there.
@Timeout(60)
class GateDaemonTest {
  @TempDir Path temp;

  private Daemon up(boolean provider) throws Exception {
    return Daemon.start(
        new DaemonSettings(
            temp,
            true,
            provider,
            new InetSocketAddress("127.0.0.1", 0),
            NetworkSettings.at("/ip4/127.0.0.1/tcp/0"),
            List.of(),
            "both",
            null,
            false,
            false,
            null,
            false,
            DaemonSettings.Machines.NONE,
            "",
            Map.of(),
            Map.of(),
            OwnerRules.NONE,
            Thresholds.NONE,
            null,
            NetSettings.USUAL,
            temp.resolve("no-supervisor")),
        new VersionView("test", "", "", ""));
  }

  private static HubClient client(Daemon daemon) throws Exception {
    String key = LocalKey.read(Path.of(daemon.bound().dataDir())).orElseThrow();
    URI api = URI.create(daemon.bound().api());
    return new HubClient(() -> new HubLocation(api, key, "test"));
  }

  private static void refused(HubClient hub, String network, ErrorCode code) {
    assertThatThrownBy(() -> hub.dialTcp(network, "gate", 9))
        .isInstanceOf(AtollException.class)
        .satisfies(e -> assertThat(((AtollException) e).code()).as(e.getMessage()).isEqualTo(code));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theGateIsAMemberOfEachNetworkAndComesBack(boolean provider) throws Exception {
    try (Daemon daemon = up(provider)) {
      HubClient hub = client(daemon);
      refused(hub, "mynet", ErrorCode.NOT_FOUND);
      hub.privateNetworks().create(new NetworkRequest("mynet", null, null));
      hub.privateNetworks().create(new NetworkRequest("other", null, null));
      // Its packets go through the switch of this node and back: nothing listens at the gate
      // itself.
      refused(hub, "mynet", ErrorCode.GATEWAY_REFUSED);
      refused(hub, "other", ErrorCode.GATEWAY_REFUSED);
      assertThat(hub.privateNetworks().members("mynet"))
          .extracting(MemberView::name)
          .containsExactly("gate");
    }
    try (Daemon daemon = up(provider)) {
      HubClient hub = client(daemon);
      refused(hub, "mynet", ErrorCode.GATEWAY_REFUSED);
      hub.privateNetworks().remove("mynet");
      refused(hub, "mynet", ErrorCode.NOT_FOUND);
      refused(hub, "other", ErrorCode.GATEWAY_REFUSED);
    }
  }
}
