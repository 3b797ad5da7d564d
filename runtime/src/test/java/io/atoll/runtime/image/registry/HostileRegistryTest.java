package io.atoll.runtime.image.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.runtime.image.content.ContentStore;
import io.atoll.runtime.image.content.Digest;
import io.atoll.runtime.image.manifest.Descriptor;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What a registry may do to us.
@Timeout(60)
class HostileRegistryTest {
  private static final byte[] BLOB = new byte[400_000];

  static {
    new Random(21).nextBytes(BLOB);
  }

  @TempDir Path folder;
  private FakeRegistry fake;
  private ContentStore store;
  private Registry registry;

  @BeforeEach
  void open() throws IOException {
    fake = new FakeRegistry();
    store = ContentStore.open(folder);
    registry = registry(Credentials.NONE);
  }

  @AfterEach
  void close() {
    registry.close();
    fake.close();
  }

  private static Registry registry(Credentials credentials) {
    return new Registry(
        RegistrySettings.usual(credentials).within(Duration.ofSeconds(5), Duration.ofSeconds(1)));
  }

  private ImageName name(String rest) {
    return ImageName.parse(fake.host() + "/" + rest);
  }

  private void fetch(Digest digest, long size) throws InterruptedException {
    registry.fetch(
        name("a/b:1"),
        new Descriptor("", digest, size, null, Map.of()),
        store,
        TransferProgress.SILENT);
  }

  private void refused(ErrorCode code, String part, Digest digest, long size) {
    assertThatThrownBy(() -> fetch(digest, size))
        .isInstanceOfSatisfying(
            AtollException.class,
            e -> {
              assertThat(e.code()).as(e.text()).isEqualTo(code);
              assertThat(e.text()).contains(part);
              assertThat(e.hint()).isNotEmpty();
            });
    assertThat(store.has(digest)).isFalse();
  }

  private List<Path> drafts() throws IOException {
    try (var files = Files.list(folder.resolve("drafts"))) {
      return files.filter(file -> !file.toString().endsWith(".lock")).toList();
    }
  }

  @Test
  void aTruncatedLayerIsNoLayer() {
    Digest digest = Digest.sha256(BLOB);
    fake.on(
        "/v2/a/b/blobs/" + digest,
        exchange -> FakeRegistry.send(exchange, 200, Arrays.copyOf(BLOB, 100_000)));
    refused(ErrorCode.UNREACHABLE, "after 100000 of 400000 bytes", digest, BLOB.length);
  }

  @Test
  void bytesOfAnotherDigestAreRefusedAndForgotten() throws Exception {
    byte[] other = BLOB.clone();
    other[200_000] ^= 1;
    Digest digest = Digest.sha256(BLOB);
    fake.on("/v2/a/b/blobs/" + digest, exchange -> FakeRegistry.send(exchange, 200, other));
    refused(ErrorCode.START_FAILED, "others", digest, BLOB.length);
    assertThat(drafts()).isEmpty();
  }

  @Test
  void anEndlessBodyIsCutOffAtItsSize() throws Exception {
    Digest digest = Digest.sha256(BLOB);
    AtomicLong sent = new AtomicLong();
    fake.on(
        "/v2/a/b/blobs/" + digest,
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          OutputStream out = exchange.getResponseBody();
          while (true) {
            out.write(BLOB);
            sent.addAndGet(BLOB.length);
          }
        });
    refused(ErrorCode.TOO_LARGE, "more than the 400000 bytes", digest, BLOB.length);
    assertThat(drafts()).isEmpty();
    assertThat(sent).hasValueLessThan(64L << 20);
  }

  @Test
  void aBodyThatHardlyComesIsGivenUp() {
    Digest digest = Digest.sha256(BLOB);
    fake.on(
        "/v2/a/b/blobs/" + digest,
        exchange -> {
          exchange.sendResponseHeaders(200, BLOB.length);
          OutputStream out = exchange.getResponseBody();
          for (byte b : BLOB) {
            out.write(b);
            out.flush();
            try {
              Thread.sleep(50);
            } catch (InterruptedException e) {
              return;
            }
          }
        });
    long began = System.nanoTime();
    refused(ErrorCode.TIMEOUT, "hardly anything", digest, BLOB.length);
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(15));
  }

  @Test
  void aBrokenTransferGoesOnWhereItBroke() throws Exception {
    Digest digest = Digest.sha256(BLOB);
    AtomicInteger calls = new AtomicInteger();
    fake.on(
        "/v2/a/b/blobs/" + digest,
        exchange -> {
          int from = 0;
          String range = exchange.getRequestHeaders().getFirst("Range");
          if (range != null) {
            from = Integer.parseInt(range.replaceAll("\\D", ""));
            exchange.getResponseHeaders().set("Content-Range", "bytes " + from + "-399999/400000");
          }
          int until = Math.min(BLOB.length, from + 150_000);
          exchange.sendResponseHeaders(range == null ? 200 : 206, BLOB.length - from);
          exchange.getResponseBody().write(BLOB, from, until - from);
          calls.incrementAndGet();
          if (until < BLOB.length) {
            throw new IOException("the line breaks here");
          }
        });
    fetch(digest, BLOB.length);
    assertThat(store.bytes(digest, BLOB.length)).isEqualTo(BLOB);
    assertThat(calls).hasValue(3);
  }

  @Test
  void whatABadRegistryLeftIsNoReasonToRefuseAGoodOne() throws Exception {
    Digest digest = Digest.sha256(BLOB);
    try (var draft = store.draft(digest, BLOB.length).orElseThrow()) {
      draft.write(new byte[1000], 0, 1000);
    }
    fake.on(
        "/v2/a/b/blobs/" + digest,
        exchange -> {
          String range = exchange.getRequestHeaders().getFirst("Range");
          if (range == null) {
            FakeRegistry.send(exchange, 200, BLOB);
          } else {
            exchange.getResponseHeaders().set("Content-Range", "bytes 1000-399999/400000");
            FakeRegistry.send(exchange, 206, Arrays.copyOfRange(BLOB, 1000, BLOB.length));
          }
        });
    fetch(digest, BLOB.length);
    assertThat(store.has(digest)).isTrue();
  }

  @Test
  void aManifestIsWhatItsDigestSays() throws Exception {
    Digest other = Digest.sha256(new byte[1]);
    fake.on("/v2/a/b/manifests/" + other, exchange -> FakeRegistry.send(exchange, 200, BLOB));
    assertThatThrownBy(() -> registry.manifest(name("a/b@" + other)))
        .hasMessageContaining("should be " + other);
    fake.on(
        "/v2/a/b/manifests/1",
        exchange -> {
          exchange.getResponseHeaders().set("Docker-Content-Digest", other.toString());
          FakeRegistry.send(exchange, 200, "{}".getBytes());
        });
    assertThatThrownBy(() -> registry.manifest(name("a/b:1"))).hasMessageContaining("should be");
    fake.on(
        "/v2/a/b/manifests/big",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          OutputStream out = exchange.getResponseBody();
          while (true) {
            out.write(BLOB);
          }
        });
    assertThatThrownBy(() -> registry.manifest(name("a/b:big")))
        .isInstanceOfSatisfying(
            AtollException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TOO_LARGE));
  }

  @Test
  void aTokenIsForThisRepositoryAndNeverLeavesTheRegistry() throws Exception {
    Digest digest = Digest.sha256(BLOB);
    try (FakeRegistry elsewhere = new FakeRegistry();
        Registry known = registry(host -> Optional.of(new Credentials.Login("u", "p")))) {
      elsewhere.on("/there", exchange -> FakeRegistry.send(exchange, 200, BLOB));
      fake.on(
          "/token", exchange -> FakeRegistry.send(exchange, 200, "{\"token\":\"t0k\"}".getBytes()));
      fake.on(
          "/v2/a/b/blobs/" + digest,
          exchange -> {
            if (!"Bearer t0k".equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
              exchange
                  .getResponseHeaders()
                  .set(
                      "WWW-Authenticate",
                      "Bearer realm=\"http://"
                          + fake.host()
                          + "/token\",service=\"s\",scope=\"repository:a/b:pull,push,delete\"");
              FakeRegistry.send(exchange, 401, new byte[0]);
            } else {
              exchange
                  .getResponseHeaders()
                  .set("Location", "http://" + elsewhere.host() + "/there");
              FakeRegistry.send(exchange, 307, new byte[0]);
            }
          });
      known.fetch(
          name("a/b:1"),
          new Descriptor("", digest, BLOB.length, null, Map.of()),
          store,
          TransferProgress.SILENT);
      assertThat(elsewhere.asked()).containsExactly("/there auth=null range=null query=null");
      assertThat(fake.asked())
          .filteredOn(line -> line.startsWith("/token"))
          .containsExactly(
              "/token auth=Basic dTpw range=null query=scope=repository:a/b:pull&service=s");
    }
  }

  @Test
  void aRegistryWithTlsSendsUsNeitherToPlainHttpNorIntoThisMachine() {
    // Spoken to without TLS by leave, so that no certificate is needed; it is not loopback by name.
    for (String target :
        List.of("http://registry.invalid/x", "file:///etc/passwd", "https://u:p@127.0.0.1/x")) {
      fake.on(
          "/v2/a/b/manifests/r",
          exchange -> {
            exchange.getResponseHeaders().set("Location", target);
            FakeRegistry.send(exchange, 307, new byte[0]);
          });
      assertThatThrownBy(() -> registry.manifest(name("a/b:r")))
          .as(target)
          .isInstanceOfSatisfying(
              AtollException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DENIED));
    }
    assertThat(RegistrySettings.inward("169.254.169.254")).isTrue();
    assertThat(RegistrySettings.inward("127.0.0.1:5000")).isTrue();
    assertThat(RegistrySettings.inward("192.0.2.1")).isFalse();
    assertThat(RegistrySettings.loopback("127.0.0.1.example.org")).isFalse();
    assertThat(
            new RegistrySettings(
                    Credentials.NONE, "", Set.of("r:80"), Duration.ZERO, Duration.ZERO, 1, 1)
                .mayBePlain("r:80"))
        .isTrue();
  }

  @Test
  void redirectsInACircleEnd() {
    fake.on(
        "/v2/a/b/manifests/c",
        exchange -> {
          exchange.getResponseHeaders().set("Location", "/v2/a/b/manifests/c");
          FakeRegistry.send(exchange, 302, new byte[0]);
        });
    assertThatThrownBy(() -> registry.manifest(name("a/b:c"))).hasMessageContaining("redirects");
  }

  @Test
  void saysWhatTheRegistrySays() {
    Map<Integer, ErrorCode> codes =
        Map.of(
            401, ErrorCode.UNAUTHENTICATED,
            403, ErrorCode.DENIED,
            404, ErrorCode.IMAGE_NOT_FOUND,
            429, ErrorCode.TOO_MANY_REQUESTS,
            500, ErrorCode.UNREACHABLE);
    codes.forEach(
        (status, code) -> {
          fake.on(
              "/v2/a/b/manifests/e",
              exchange ->
                  FakeRegistry.send(
                      exchange,
                      status,
                      "{\"errors\":[{\"code\":\"X\",\"message\":\"no \\u001b[31m\"}]}".getBytes()));
          assertThatThrownBy(() -> registry.manifest(name("a/b:e")))
              .isInstanceOfSatisfying(
                  AtollException.class,
                  e -> {
                    assertThat(e.code()).isEqualTo(code);
                    assertThat(e.text()).doesNotContain("\u001b");
                  });
        });
  }

  @Test
  void namesAreStrict() {
    assertThatThrownBy(() -> ImageName.parse("debian")).hasMessageContaining("says no registry");
    assertThatThrownBy(() -> ImageName.parse("team/app:1")).hasMessageContaining("no registry");
    String usual = "registry.example/library";
    assertThat(ImageName.parse("debian", usual).toString()).isEqualTo(usual + "/debian:latest");
    assertThat(ImageName.parse("team/app:1", usual).toString())
        .isEqualTo("registry.example/team/app:1");
    assertThat(ImageName.parse("debian", "h:5000").toString()).isEqualTo("h:5000/debian:latest");
    assertThat(ImageName.parse("h.example/a:1", usual).host()).isEqualTo("h.example");
    for (String bad : List.of("https://h.example", "h.example/", "h.example/A", "h/../x")) {
      assertThatThrownBy(() -> ImageName.parse("debian", bad)).hasMessageContaining("cannot be");
    }
    assertThat(ImageName.parse("h:5000/a/b").toString()).isEqualTo("h:5000/a/b:latest");
    assertThat(ImageName.parse("localhost/a:1").host()).isEqualTo("localhost");
    Digest digest = Digest.sha256(BLOB);
    assertThat(ImageName.parse("h.example/a:1@" + digest).version()).isEqualTo(digest.toString());
    for (String bad :
        List.of(
            "",
            "A B",
            "h/../x",
            "h/a?x=y",
            "h/a#x",
            "h/a:",
            "h/a@sha256:0",
            "http://h/a",
            "h/a%2f..",
            "x".repeat(600))) {
      assertThatThrownBy(() -> ImageName.parse(bad)).as(bad).isInstanceOf(AtollException.class);
    }
  }
}
