package io.atoll.runtime.qemu.seed;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.atoll.core.json.Json;
import io.atoll.core.term.MacAddress;
import java.util.Base64;
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
/// @param networks addresses of its other cards, by the names that they get; their switch tells
///     what else they have. What it says is not as soon there as what a hook does
/// @param userData the caller's
/// @param vendorScript run once at the end of the first boot, as root; null = none
/// @param program started in each boot; null = none
/// @param hook a script run early in each boot, after the program is started; null = none
public record CloudSeed(
    String instance,
    Hostname host,
    List<SshKey> keys,
    @Nullable String mac,
    Map<String, MacAddress> networks,
    UserData userData,
    byte @Nullable [] vendorScript,
    @Nullable GuestProgram program,
    byte @Nullable [] hook) {
  public static final String LABEL = "cidata";
  private static final String BOUNDARY = "atoll-parts";

  public CloudSeed {
    keys = List.copyOf(keys);
    networks = Map.copyOf(networks);
    if (!instance.matches("[A-Za-z0-9._-]{1,128}")) {
      throw new IllegalArgumentException("not an instance id: '" + instance + "'");
    }
    if (mac != null && !mac.matches("([0-9a-f]{2}:){5}[0-9a-f]{2}")) {
      throw new IllegalArgumentException("not an address of a card: '" + mac + "'");
    }
  }

  /// Of a machine that is in no network.
  public CloudSeed(
      String instance,
      Hostname host,
      List<SshKey> keys,
      @Nullable String mac,
      UserData userData,
      byte @Nullable [] vendorScript,
      @Nullable GuestProgram program) {
    this(instance, host, keys, mac, Map.of(), userData, vendorScript, program, null);
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
    if (program != null) {
      files.put(GuestProgram.FILE, program.bytes());
    }
    if (program != null || hook != null) {
      files.put("vendor-data", vendorData());
    } else if (vendorScript != null) {
      files.put("vendor-data", vendorScript.clone());
    }
    return files;
  }

  /// A hook is run before the caller's user-data is looked at, and cannot be replaced by it.
  private byte[] vendorData() {
    StringBuilder parts = new StringBuilder("MIME-Version: 1.0\n");
    parts.append("Content-Type: multipart/mixed; boundary=\"").append(BOUNDARY).append("\"\n\n");
    if (program != null) {
      part(parts, "cloud-boothook", GuestProgram.hook());
    }
    if (hook != null) {
      part(parts, "cloud-boothook", hook);
    }
    if (vendorScript != null) {
      part(parts, "x-shellscript", vendorScript);
    }
    return parts.append("--").append(BOUNDARY).append("--\n").toString().getBytes(UTF_8);
  }

  private static void part(StringBuilder to, String kind, byte[] content) {
    to.append("--").append(BOUNDARY).append("\nContent-Type: text/").append(kind);
    to.append("\nContent-Transfer-Encoding: base64\n\n");
    to.append(Base64.getMimeEncoder().encodeToString(content).replace("\r", "")).append('\n');
  }

  private Map<String, Object> network() {
    Map<String, Object> cards = new TreeMap<>();
    if (mac != null) {
      cards.put("atoll0", Map.of("match", Map.of("macaddress", mac), "dhcp4", true));
    }
    networks.forEach(
        (device, address) ->
            cards.put(
                device,
                Map.of(
                    "match",
                    Map.of("macaddress", address),
                    "set-name",
                    device,
                    "dhcp4",
                    true,
                    "dhcp6",
                    true)));
    return Map.of("version", 2, "ethernets", cards);
  }

  /// The disk that carries them.
  public byte[] disk() {
    return IsoImage.of(LABEL, files());
  }
}
