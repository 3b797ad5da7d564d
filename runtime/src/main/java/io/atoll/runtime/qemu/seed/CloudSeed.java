package io.atoll.runtime.qemu.seed;

import io.atoll.core.json.Json;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What one machine is told at its first boot.
///
/// @param instance a new one makes cloud-init do everything again; the run's id
/// @param host its name
/// @param keys may log in as the image's own user
/// @param mac of its card, as `52:54:00:…`; null = it has none
/// @param userData the caller's
/// @param vendorScript run once at the end of the first boot, as root; null = none
public record CloudSeed(
    String instance,
    Hostname host,
    List<SshKey> keys,
    @Nullable String mac,
    UserData userData,
    byte @Nullable [] vendorScript) {
  public static final String LABEL = "cidata";

  public CloudSeed {
    keys = List.copyOf(keys);
    if (!instance.matches("[A-Za-z0-9._-]{1,128}")) {
      throw new IllegalArgumentException("not an instance id: '" + instance + "'");
    }
    if (mac != null && !mac.matches("([0-9a-f]{2}:){5}[0-9a-f]{2}")) {
      throw new IllegalArgumentException("not an address of a card: '" + mac + "'");
    }
  }

  /// The files, by name.
  public Map<String, byte[]> files() {
    Map<String, byte[]> files = new TreeMap<>();
    files.put(
        "meta-data",
        Json.bytes(
            Map.of(
                "instance-id",
                instance,
                "local-hostname",
                host.text(),
                "public-keys",
                keys.stream().map(SshKey::line).toList())));
    files.put("user-data", userData.bytes());
    files.put("network-config", Json.bytes(network()));
    if (vendorScript != null) {
      files.put("vendor-data", vendorScript.clone());
    }
    return files;
  }

  private Map<String, Object> network() {
    if (mac == null) {
      return Map.of("version", 2, "ethernets", Map.of());
    }
    Map<String, Object> card = Map.of("match", Map.of("macaddress", mac), "dhcp4", true);
    return Map.of("version", 2, "ethernets", Map.of("atoll0", card));
  }

  /// The disk that carries them.
  public byte[] disk() {
    return IsoImage.of(LABEL, files());
  }
}
