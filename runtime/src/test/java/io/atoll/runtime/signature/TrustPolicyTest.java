package io.atoll.runtime.signature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.error.AtollException;
import io.atoll.core.testing.Fuzz;
import io.atoll.runtime.image.content.ContentStore;
import io.atoll.runtime.image.content.Digest;
import io.atoll.runtime.image.registry.Credentials;
import io.atoll.runtime.image.registry.FakeRegistry;
import io.atoll.runtime.image.registry.ImageName;
import io.atoll.runtime.image.registry.Registry;
import io.atoll.runtime.image.registry.RegistrySettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class TrustPolicyTest {
  private static final byte[] BYTES = "an image".getBytes(StandardCharsets.UTF_8);
  private static final Digest DIGEST = Digest.sha256(BYTES);
  private static final Digest INDEX = Digest.sha256(new byte[] {1});
  private static final Subject IMAGE =
      new Subject("i:1", DIGEST, Set.of(Digest.sha3(BYTES), INDEX));

  @TempDir Path folder;

  private static TrustPolicy policy(Object... rules) {
    return TrustPolicy.of(
        java.util.Arrays.stream(rules).map(rule -> TrustRule.parse(rule.toString())).toList());
  }

  private static void allowed(TrustPolicy policy, ImageSignature... signatures) {
    assertThat(policy.judge(IMAGE, List.of(signatures))).isInstanceOf(Verdict.Allowed.class);
  }

  private static void refused(String part, TrustPolicy policy, ImageSignature... signatures) {
    assertThat(policy.judge(IMAGE, List.of(signatures)))
        .isInstanceOfSatisfying(
            Verdict.Refused.class, verdict -> assertThat(verdict.reason()).contains(part));
  }

  private SigningKey key(String name) {
    return SigningKey.at(folder.resolve(name));
  }

  @Test
  void anEmptyListAllowsNoneAndAStarAll() {
    refused("allows no image", policy());
    allowed(policy("*"));
    assertThat(policy().withoutImage()).isInstanceOf(Verdict.Refused.class);
    assertThat(policy(DIGEST).withoutImage()).isInstanceOf(Verdict.Refused.class);
    assertThat(policy("*").withoutImage()).isInstanceOf(Verdict.Allowed.class);
  }

  @Test
  void aHashOfEitherKindAllowsTheVeryBytes() {
    allowed(policy(DIGEST));
    allowed(policy(Digest.sha3(BYTES)));
    allowed(policy(INDEX));
    refused("not listed", policy(Digest.sha256(new byte[] {2})));
    // The same digits by the other algorithm are another hash.
    refused("not listed", policy("sha3-256:" + DIGEST.hex()));
  }

  @Test
  void aListedKeyAllowsWhatItSigned() {
    SigningKey ours = key("ours.pem");
    SigningKey other = key("other.pem");
    TrustPolicy policy = policy(ours.publicKey());
    allowed(policy, ours.sign(DIGEST));
    allowed(policy, ours.sign(INDEX));
    refused("none of its 1 signatures", policy, other.sign(DIGEST));
    refused("", policy, ours.sign(Digest.sha256(new byte[] {3})));
    // Somebody else's signature under our key's name.
    refused(
        "",
        policy,
        new ImageSignature.Detached(
            DIGEST, ours.publicKey().key(), other.sign(DIGEST).signature()));
    // A signature of another image under this one's digest.
    refused(
        "",
        policy,
        new ImageSignature.Detached(
            DIGEST, ours.publicKey().key(), ours.sign(Digest.sha256(new byte[] {4})).signature()));
    refused("", policy);
  }

  @Test
  @Tag("real")
  void openSslMakesTheSameSignature() throws Exception {
    SigningKey ours = key("ours.pem");
    assertThat(Files.getPosixFilePermissions(folder.resolve("ours.pem")))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    Path message = folder.resolve("message");
    Files.write(message, ImageSignature.message(DIGEST));
    Path out = folder.resolve("signature");
    Process openssl =
        new ProcessBuilder(
                "openssl",
                "pkeyutl",
                "-sign",
                "-rawin",
                "-inkey",
                "ours.pem",
                "-in",
                "message",
                "-out",
                "signature")
            .directory(folder.toFile())
            .inheritIO()
            .start();
    assertThat(openssl.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(Files.readAllBytes(out)).isEqualTo(ours.sign(DIGEST).signature());
    Files.writeString(folder.resolve("bad.pem"), "nothing");
    assertThatThrownBy(() -> key("bad.pem")).isInstanceOf(AtollException.class);
    assertThat(ours.toString()).doesNotContain("PRIVATE");
  }

  private static String payload(Digest digest) {
    return "{\"critical\":{\"identity\":{\"docker-reference\":\"h/r\"},\"image\":"
        + "{\"docker-manifest-digest\":\""
        + digest
        + "\"},\"type\":\"cosign container image signature\"},\"optional\":null}";
  }

  private static byte[] ecdsa(KeyPair pair, String payload) throws Exception {
    Signature signer = Signature.getInstance("SHA256withECDSA");
    signer.initSign(pair.getPrivate());
    signer.update(payload.getBytes(StandardCharsets.UTF_8));
    return signer.sign();
  }

  private static KeyPair pair() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    return generator.generateKeyPair();
  }

  @Test
  void findsAndVerifiesWhatCosignSigned() throws Exception {
    KeyPair pair = pair();
    String pem =
        "-----BEGIN PUBLIC KEY-----\n"
            + Base64.getMimeEncoder(64, new byte[] {'\n'})
                .encodeToString(pair.getPublic().getEncoded())
            + "\n-----END PUBLIC KEY-----\n";
    String payload = payload(DIGEST);
    byte[] bytes = payload.getBytes(StandardCharsets.UTF_8);
    String signature = Base64.getEncoder().encodeToString(ecdsa(pair, payload));
    try (FakeRegistry fake = new FakeRegistry();
        Registry registry = new Registry(RegistrySettings.usual(Credentials.NONE))) {
      fake.blob("r", bytes);
      byte[] config = "{}".getBytes(StandardCharsets.UTF_8);
      fake.manifest(
          "r",
          "sha256-" + DIGEST.hex() + ".sig",
          "application/vnd.oci.image.manifest.v1+json",
          """
          {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",
           "config":{"mediaType":"c","digest":"%s","size":2},
           "layers":[{"mediaType":"application/vnd.dev.cosign.simplesigning.v1+json",
             "digest":"%s","size":%d,
             "annotations":{"dev.cosignproject.cosign/signature":"%s"}}]}
          """
              .formatted(Digest.sha256(config), Digest.sha256(bytes), bytes.length, signature));
      CosignTags tags = new CosignTags(registry, ContentStore.open(folder.resolve("store")));
      ImageName name = ImageName.parse(fake.host() + "/r:1");
      List<ImageSignature> found = tags.find(name, DIGEST);
      assertThat(found).hasSize(1);
      assertThat(tags.find(name, INDEX)).isEmpty();
      allowed(policy(pem), found.getFirst());
      refused("", policy("cosign:" + b64(pair().getPublic().getEncoded())), found.getFirst());
      SignatureFolder known = new SignatureFolder(folder.resolve("signatures"));
      known.add(found.getFirst());
      known.add(key("ours.pem").sign(INDEX));
      Files.writeString(folder.resolve("signatures/" + DIGEST.hex() + "-x.json"), "{damaged");
      assertThat(known.of(IMAGE)).hasSize(2).contains(found.getFirst());
    }
    refused(
        "",
        policy(pem),
        ImageSignature.Cosigned.of(
            payload(INDEX).replace("h/r", "x").getBytes(StandardCharsets.UTF_8),
            ecdsa(pair, payload)));
  }

  private static String b64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  @Test
  void aPolicyFailsClosedWithTheReason() throws Exception {
    Path file = folder.resolve("trust.json");
    refused("is gone", TrustPolicy.read(file));
    TrustPolicy written = policy(DIGEST, key("ours.pem").publicKey());
    written.write(file);
    assertThat(TrustPolicy.read(file)).isEqualTo(written);
    for (String bad :
        List.of(
            "",
            "{",
            "{}",
            "[\"*\"]",
            "{\"allow\":\"*\"}",
            "{\"allow\":[\"*\",7]}",
            "{\"allow\":[\"*\",\"sha256:1\"]}",
            "{\"allow\":[\"ed25519:AAAA\"]}")) {
      Files.writeString(file, bad);
      refused("cannot be understood", TrustPolicy.read(file));
      assertThat(TrustPolicy.read(file).withoutImage())
          .isInstanceOfSatisfying(
              Verdict.Refused.class,
              verdict -> assertThat(verdict.reason()).contains("cannot be understood"));
    }
    Files.delete(file);
    Files.createDirectory(file);
    refused("cannot be understood", TrustPolicy.read(file));
  }

  @Test
  @Timeout(value = 12, unit = TimeUnit.HOURS) // each round has a limit of its own
  void damagedSignatures() throws Exception {
    SigningKey ours = key("ours.pem");
    KeyPair pair = pair();
    ImageSignature.Cosigned cosigned =
        ImageSignature.Cosigned.of(
            payload(DIGEST).getBytes(StandardCharsets.UTF_8), ecdsa(pair, payload(DIGEST)));
    ImageSignature.Detached good = ours.sign(DIGEST);
    List<byte[]> samples = List.of(good.encode(), cosigned.encode());
    TrustPolicy policy = policy(ours.publicKey(), "cosign:" + b64(pair.getPublic().getEncoded()));
    Subject other = new Subject("o", INDEX, Set.of(Digest.sha3(new byte[] {9})));
    Fuzz.rounds(
        "signatures",
        2000,
        random -> {
          try {
            ImageSignature read =
                switch (random.nextInt(4)) {
                  // Behind the JSON and the base64.
                  case 0 ->
                      ImageSignature.Cosigned.of(
                          Fuzz.bytes(random, List.of(cosigned.payload())), cosigned.signature());
                  case 1 ->
                      ImageSignature.Cosigned.of(
                          cosigned.payload(), Fuzz.bytes(random, List.of(cosigned.signature())));
                  case 2 ->
                      new ImageSignature.Detached(
                          DIGEST, good.key(), Fuzz.bytes(random, List.of(good.signature())));
                  default -> ImageSignature.decode(Fuzz.bytes(random, samples));
                };
            if (policy.judge(IMAGE, List.of(read)) instanceof Verdict.Allowed) {
              assertThat(read).isIn(good, cosigned);
            }
            // No damage makes a signature one of another image.
            assertThat(policy.judge(other, List.of(read))).isInstanceOf(Verdict.Refused.class);
            assertThat(ImageSignature.decode(read.encode())).isEqualTo(read);
          } catch (IOException refused) {
            assertThat(refused.getMessage()).isNotEmpty();
          }
        });
  }
}
