package io.atoll.runtime.qemu.seed;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.core.json.Json;
import io.atoll.core.term.MacAddress;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CloudSeedTest {
  private static final String KEY =
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKnP1H1Q3c2b1sT5ZK8bkZ0vQyJ8w9m1Xn0yqG1lT0aF";

  @Test
  void aValueCannotBecomeStructure() throws Exception {
    SshKey odd = new SshKey(KEY + " \"], \"x\": [\": {}\\ü");
    CloudSeed seed =
        new CloudSeed("t-1.e2", new Hostname("a-1"), List.of(odd), null, UserData.NONE, null, null);
    JsonNode meta = Json.read(seed.files().get("meta-data"), JsonNode.class);
    assertThat(meta.path("public-keys").get(0).asText()).isEqualTo(odd.line());
    assertThat(meta.size()).isEqualTo(3);
    assertThat(seed.files()).doesNotContainKey("vendor-data");
  }

  @Test
  void theCardIsFoundByItsAddress() throws Exception {
    CloudSeed seed =
        new CloudSeed(
            "i",
            new Hostname("a"),
            List.of(),
            "52:54:00:01:02:03",
            UserData.NONE,
            new byte[] {35},
            null);
    JsonNode card =
        Json.read(seed.files().get("network-config"), JsonNode.class)
            .path("ethernets")
            .path("atoll0");
    assertThat(card.path("match").path("macaddress").asText()).isEqualTo("52:54:00:01:02:03");
    assertThat(card.path("dhcp4").asBoolean()).isTrue();
    assertThat(seed.files()).containsKey("vendor-data");
  }

  @Test
  void cardsOfNetworksAreAskedAtTheirSwitchAndTheHookIsRunInEachBoot() throws Exception {
    CloudSeed seed =
        new CloudSeed(
            "i",
            new Hostname("a"),
            List.of(),
            null,
            Map.of("net0", MacAddress.parse("02:77:00:00:00:10")),
            UserData.NONE,
            null,
            null,
            "#!/bin/sh\necho hook\n".getBytes(UTF_8));
    JsonNode cards =
        Json.read(seed.files().get("network-config"), JsonNode.class).path("ethernets");
    assertThat(cards.size()).isEqualTo(1);
    assertThat(cards.path("net0").path("match").path("macaddress").asText())
        .isEqualTo("02:77:00:00:00:10");
    assertThat(cards.path("net0").path("set-name").asText()).isEqualTo("net0");
    assertThat(cards.path("net0").path("dhcp6").asBoolean()).isTrue();
    String vendor = new String(seed.files().get("vendor-data"), UTF_8);
    String hook = Base64.getEncoder().encodeToString("#!/bin/sh\necho hook\n".getBytes(UTF_8));
    assertThat(vendor).contains("text/cloud-boothook", hook).doesNotContain("x-shellscript");
  }

  @Test
  void theProgramIsStartedBesideTheScript() {
    GuestProgram program = new GuestProgram(new byte[] {1, 2, 3});
    CloudSeed seed =
        new CloudSeed(
            "i",
            new Hostname("a"),
            List.of(),
            null,
            UserData.NONE,
            "#!/bin/sh\necho mine\n".getBytes(UTF_8),
            program);
    assertThat(seed.files().get(GuestProgram.FILE)).containsExactly(1, 2, 3);
    String vendor = new String(seed.files().get("vendor-data"), UTF_8);
    assertThat(vendor)
        .startsWith("MIME-Version: 1.0\n")
        .contains("text/cloud-boothook", "text/x-shellscript");
    String script = Base64.getEncoder().encodeToString("#!/bin/sh\necho mine\n".getBytes(UTF_8));
    assertThat(vendor).contains(script);
    assertThat(new GuestProgram(new byte[] {1, 2, 4}).digest()).isNotEqualTo(program.digest());
  }

  @Test
  void userDataIsHandedOnByteForByte() {
    byte[] data = "#cloud-config\nruncmd: [ [ ls ] ]\n# ü\n".getBytes(UTF_8);
    assertThat(UserData.of(data).bytes()).isEqualTo(data);
    byte[] mail =
        "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n--x".getBytes(UTF_8);
    assertThat(UserData.of(mail).bytes()).isEqualTo(mail);
    assertThat(UserData.of(new byte[] {0x1f, (byte) 0x8b, 8}).none()).isFalse();
    assertThat(UserData.of(new byte[0]).none()).isTrue();
  }

  @Test
  void userDataThatCloudInitWouldIgnoreIsRefused() {
    assertThatThrownBy(() -> UserData.of("runcmd:\n - ls\n".getBytes(UTF_8)))
        .hasMessageContaining("its first line is 'runcmd:'")
        .hasMessageContaining("#cloud-config");
    assertThatThrownBy(() -> UserData.of("\n\ncontent-type: multipart/mixed".getBytes(UTF_8)))
        .hasMessageContaining("would ignore");
    assertThatThrownBy(() -> UserData.of(new byte[(1 << 20) + 1])).hasMessageContaining("at most");
  }

  @Test
  void onlyNamesOfMachines() {
    assertThat(Hostname.near("My_Task/7 ").text()).isEqualTo("my-task-7");
    assertThat(Hostname.near("---").text()).isEqualTo("vm");
    assertThat(Hostname.near("x".repeat(90)).text()).hasSize(63);
    for (String no : List.of("", "-a", "a-", "A", "a.b", "a\nb", "x".repeat(64))) {
      assertThatThrownBy(() -> new Hostname(no)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void onlyPublicKeysWithoutOptions() {
    assertThat(SshKey.lines("# mine\n\n" + KEY + "   me@there \n")).hasSize(1);
    String rsa = Base64.getEncoder().encodeToString("\0\0\0\7ssh-rsaxx".getBytes(UTF_8));
    assertThat(new SshKey("ssh-rsa " + rsa).line()).startsWith("ssh-rsa");
    for (String no :
        List.of(
            "command=\"id\" " + KEY,
            "ssh-rsa " + KEY.split(" ")[1],
            "ssh-ed25519 AAAA",
            KEY + "\nssh-ed25519 x",
            "-----BEGIN OPENSSH PRIVATE KEY-----")) {
      assertThatThrownBy(() -> new SshKey(no)).hasMessageContaining("not a public key of SSH");
    }
  }

  @Test
  void onlyAddressesAndInstances() {
    assertThatThrownBy(
            () ->
                new CloudSeed("a b", new Hostname("a"), List.of(), null, UserData.NONE, null, null))
        .hasMessageContaining("instance");
    assertThatThrownBy(
            () ->
                new CloudSeed(
                    "a", new Hostname("a"), List.of(), "52:54", UserData.NONE, null, null))
        .hasMessageContaining("card");
  }
}
