package io.atoll.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.Resources;
import io.atoll.core.term.Workload;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.image.ImageProgress;
import io.atoll.runtime.image.Imports;
import io.atoll.runtime.image.content.Digest;
import io.atoll.runtime.image.content.Reference;
import io.atoll.runtime.image.manifest.MediaTypes;
import io.atoll.runtime.image.registry.FakeRegistry;
import io.atoll.runtime.image.registry.Pusher;
import io.atoll.runtime.signature.SigningKey;
import io.atoll.runtime.signature.TrustPolicy;
import io.atoll.runtime.signature.TrustRule;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class MachineTrustTest {
  private static final byte[] CONFIG = "{\"os\":\"linux\"}".getBytes(StandardCharsets.UTF_8);

  @TempDir Path folder;
  private LocalImages local;
  private MachineTrust gate;

  @BeforeEach
  void begin() throws Exception {
    local = LocalImages.of(folder.resolve("data"), Map.of(), null, "");
    local.trust().begin();
    gate = local.gate();
  }

  private void allow(Object... rules) throws Exception {
    local
        .trust()
        .write(
            TrustPolicy.of(
                Arrays.stream(rules).map(rule -> TrustRule.parse(rule.toString())).toList()));
  }

  private static void refused(String part, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            DriverException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.DENIED);
              assertThat(e.text()).contains(part);
              assertThat(e.hint()).contains("atoll image trust");
            });
  }

  private static Workload workload() {
    return new Workload(
        "plain",
        "i",
        List.of(),
        Map.of(),
        new Resources(100, 1 << 20, 0),
        8,
        List.of(),
        false,
        Workload.Isolation.SANDBOX);
  }

  @Test
  void aRuntimeThatFetchesImagesGetsTheDigestThatIsTrusted() throws Exception {
    String trusted = "sha256:" + "1".repeat(64);
    gate.admitByName(null);
    gate.admitByName("app:1");
    allow(trusted);
    gate.admitByName("app@" + trusted);
    refused("", () -> gate.admitByName(null));
    refused("does not say its digest", () -> gate.admitByName("app:1"));
    refused("does not say its digest", () -> gate.admitByName("app@1"));
    refused("app@sha256:2", () -> gate.admitByName("app@sha256:" + "2".repeat(64)));
  }

  @Test
  void aFreshInstallRunsEverythingAndALostPolicyNothing() throws Exception {
    gate.admitWithoutImage();
    gate.admitByName("any");
    gate.admit("app:1", "sha256:" + "1".repeat(64), List.of());
    Path file = local.trust().file();
    assertThat(Files.readString(file)).contains("*");

    Files.delete(file);
    local.trust().begin();
    refused("is gone", gate::admitWithoutImage);
    refused("is gone", () -> gate.admit("app:1", "sha256:" + "1".repeat(64), List.of()));
    Files.writeString(file, "{\"allow\": [\"everybody\"]}");
    refused("cannot be understood", gate::admitWithoutImage);
    Files.delete(file);
    Files.createDirectory(file);
    refused("cannot be understood", gate::admitWithoutImage);
  }

  @Test
  void anImageRunsByItsHashOrBySomebodysWord() throws Exception {
    Path program = Files.writeString(folder.resolve("prog"), "#!/bin/sh\necho hello\n");
    Reference image = new Imports(local.images()).take(program, "prog", null, ImageProgress.SILENT);
    allow();
    refused("allows no image", () -> gate.admit(image));
    refused("has none", gate::admitWithoutImage);
    refused("does not say its digest", () -> gate.admitByName("any"));
    allow(image.digest());
    gate.admit(image);
    allow(image.sha3());
    gate.admit(image);
    SigningKey key = SigningKey.at(folder.resolve("key.pem"));
    allow(key.publicKey());
    refused("none of its 0 signatures", () -> gate.admit(image));
    local.signatures().add(key.sign(image.digest()));
    gate.admit(image);
    local.trust().write(TrustPolicy.of(List.of()));
    refused("allows no image", () -> gate.admit(image));
  }

  @Test
  void aVirtualMachineIsJudgedByTheBytesOfItsDisk() throws Exception {
    Path disk = Files.writeString(folder.resolve("disk.qcow2"), "a disk");
    byte[] bytes = Files.readAllBytes(disk);
    gate.admitDisk("debian-12", disk);
    allow();
    refused("allows no image", () -> gate.admitDisk("debian-12", disk));
    allow(Digest.sha256(bytes));
    gate.admitDisk("debian-12", disk);
    allow(Digest.sha3(bytes));
    gate.admitDisk("debian-12", disk);
    Files.writeString(disk, "another disk");
    refused("debian-12", () -> gate.admitDisk("debian-12", disk));
    Files.delete(disk);
    refused("cannot be read", () -> gate.admitDisk("debian-12", disk));
  }

  @Test
  void aContainerIsJudgedByWhatItIsMadeFrom() throws Exception {
    try (FakeRegistry registry = new FakeRegistry()) {
      byte[] config = CONFIG;
      registry.blob("app", config);
      String id = Digest.sha256(config).toString();
      String manifest =
          "{\"schemaVersion\":2,\"config\":%s,\"layers\":[]}"
              .formatted(Pusher.descriptor(MediaTypes.OCI_CONFIG, config, ""));
      registry.manifest("app", "1", MediaTypes.OCI_MANIFEST, manifest);
      byte[] bytes = manifest.getBytes(StandardCharsets.UTF_8);
      Digest digest = Digest.sha256(bytes);
      String name = registry.host() + "/app:1";
      List<String> known = List.of(digest.toString());

      allow(digest);
      gate.admit(name, id, known);
      refused("not listed", () -> gate.admit(name, "sha256:" + "2".repeat(64), List.of()));
      allow(id);
      gate.admit(name, id, known);
      refused("knows no digest", () -> gate.admit(name, "", List.of()));

      // The engine knows no SHA3; the registry's bytes tell it, if they are of this image.
      allow(Digest.sha3(bytes));
      assertThatCode(() -> gate.admit(name, id, known)).doesNotThrowAnyException();
      refused("not listed", () -> gate.admit(name, "sha256:" + "3".repeat(64), known));
      SigningKey key = SigningKey.at(folder.resolve("key.pem"));
      allow(key.publicKey());
      refused("signatures", () -> gate.admit(name, id, known));
      local.signatures().add(key.sign(digest));
      gate.admit(name, id, known);
    }
    allow("sha3-256:" + "4".repeat(64));
    refused(
        "asked in vain",
        () ->
            gate.admit(
                "127.0.0.1:1/app:1",
                "sha256:" + "5".repeat(64),
                List.of("sha256:" + "6".repeat(64))));
  }
}
