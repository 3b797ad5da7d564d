package io.atoll.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.atoll.client.HubClient;
import io.atoll.client.HubLocation;
import io.atoll.client.api.DeviceInvite;
import io.atoll.client.api.DeviceRequest;
import io.atoll.client.api.DeviceView;
import io.atoll.client.api.NetworkRequest;
import io.atoll.client.api.NetworkView;
import io.atoll.client.api.VersionView;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.daemon.peers.NetworkSettings;
import io.atoll.runtime.resource.OwnerRules;
import io.atoll.runtime.resource.Thresholds;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A real daemon, a hub that is a provider or is none, is the door of its networks' devices.
@Timeout(60)
class DeviceDaemonTest {
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

  private static String value(DeviceInvite invite, String key) {
    return invite
        .config()
        .lines()
        .filter(line -> line.startsWith(key + " = "))
        .map(line -> line.substring(key.length() + 3))
        .findFirst()
        .orElseThrow();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aDeviceGetsItsConfigurationOnceAndItsDoorStays(boolean provider) throws Exception {
    DeviceInvite phone;
    Path door;
    try (Daemon daemon = up(provider)) {
      HubClient hub = client(daemon);
      NetworkView network =
          hub.privateNetworks().create(new NetworkRequest("mynet", "10.7.0.0/24", null));
      phone = hub.privateNetworks().invite("mynet", new DeviceRequest("phone", null));
      DeviceInvite laptop =
          hub.privateNetworks().invite("mynet", new DeviceRequest("laptop", null));
      assertThat(value(phone, "Address")).isEqualTo("10.7.0.2/32, " + phone.device().v6() + "/128");
      assertThat(value(phone, "AllowedIPs")).isEqualTo("10.7.0.0/24, " + network.v6());
      assertThat(value(phone, "DNS")).startsWith("10.7.0.1, ").endsWith(", mynet.internal");
      assertThat(value(phone, "Endpoint")).isEqualTo(phone.device().endpoint()).contains(":");
      assertThat(value(laptop, "PublicKey")).isEqualTo(value(phone, "PublicKey"));
      for (String own : List.of("PrivateKey", "PresharedKey", "Address")) {
        assertThat(value(laptop, own)).isNotEqualTo(value(phone, own));
      }
      door = temp.resolve("networks").resolve(network.id() + ".door");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(door)))
          .isEqualTo("rw-------");
      assertThatThrownBy(
              () -> hub.privateNetworks().invite("mynet", new DeviceRequest("phone", null)))
          .isInstanceOfSatisfying(
              AtollException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT));
    }
    try (Daemon daemon = up(provider)) {
      HubClient hub = client(daemon);
      await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(
              () ->
                  assertThat(hub.privateNetworks().devices("mynet"))
                      .extracting(DeviceView::doorKey)
                      .containsExactly(value(phone, "PublicKey"), value(phone, "PublicKey")));
      hub.privateNetworks().removeDevice("mynet", "laptop");
      hub.privateNetworks().removeDevice("mynet", phone.device().id());
      assertThat(hub.privateNetworks().devices("mynet")).isEmpty();
      await().atMost(Duration.ofSeconds(20)).until(() -> !Files.exists(door));
    }
  }
}
