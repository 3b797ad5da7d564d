package io.atoll.runtime.image.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ContentStoreTest {
  @TempDir Path folder;
  private ContentStore store;

  @BeforeEach
  void open() {
    store = ContentStore.open(folder);
  }

  private static byte[] noise(int seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private List<Path> drafts() throws IOException {
    try (var files = Files.list(folder.resolve("drafts"))) {
      return files.filter(file -> !file.toString().endsWith(".lock")).toList();
    }
  }

  @Test
  void keepsBytesUnderBothTheirDigests() throws Exception {
    byte[] bytes = "abc".getBytes(StandardCharsets.US_ASCII);
    BlobFacts facts = store.put(bytes);
    // The examples of FIPS 180-4 and FIPS 202.
    assertThat(facts.digest())
        .hasToString("sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assertThat(facts.sha3())
        .hasToString("sha3-256:3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532");
    assertThat(store.bytes(facts.digest(), 3)).isEqualTo(bytes);
    ContentStore again = ContentStore.open(folder);
    assertThat(again.facts(facts.digest())).contains(facts);
    Files.delete(folder.resolve("facts/" + facts.digest().hex() + ".json"));
    assertThat(again.facts(facts.digest())).contains(facts);
  }

  @Test
  void refusesBytesOfAnotherDigestAndKeepsNothing() throws Exception {
    Digest said = Digest.sha256(noise(1, 1000));
    try (Draft draft = store.draft(said, 1000).orElseThrow()) {
      draft.write(noise(2, 1000), 0, 1000);
      assertThatThrownBy(draft::commit)
          .isInstanceOfSatisfying(
              AtollException.class, e -> assertThat(e.text()).contains(said.toString()));
    }
    assertThat(store.has(said)).isFalse();
    assertThat(drafts()).isEmpty();
  }

  @Test
  void refusesOneByteTooManyAndOneTooFew() throws Exception {
    byte[] bytes = noise(3, 1000);
    Digest digest = Digest.sha256(bytes);
    try (Draft draft = store.draft(digest, 999).orElseThrow()) {
      assertThatThrownBy(() -> draft.write(bytes, 0, 1000))
          .isInstanceOfSatisfying(
              AtollException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TOO_LARGE));
    }
    try (Draft draft = store.draft(digest, 1001).orElseThrow()) {
      draft.write(bytes, 0, 1000);
      assertThatThrownBy(draft::commit).hasMessageContaining("after 1000 of 1001 bytes");
    }
    assertThat(drafts()).isEmpty();
  }

  @Test
  void goesOnWhereADraftEnded() throws Exception {
    byte[] bytes = noise(4, 300_000);
    Digest digest = Digest.sha256(bytes);
    try (Draft draft = store.draft(digest, bytes.length).orElseThrow()) {
      draft.write(bytes, 0, 200_000);
    }
    assertThat(store.has(digest)).isFalse();
    try (Draft draft = ContentStore.open(folder).draft(digest, bytes.length).orElseThrow()) {
      assertThat(draft.position()).isEqualTo(200_000);
      draft.write(bytes, 200_000, 100_000);
      draft.commit();
    }
    try (InputStream in = store.verified(digest)) {
      assertThat(in.readAllBytes()).isEqualTo(bytes);
    }
    assertThat(store.draft(digest, bytes.length)).isEmpty();
    assertThat(drafts()).isEmpty();
  }

  @Test
  void noticesThatADiskChangedABlob() throws Exception {
    BlobFacts facts = store.put(noise(5, 1000));
    byte[] other = noise(5, 1000);
    other[500] ^= 1;
    Files.write(store.path(facts.digest()), other);
    assertThatThrownBy(() -> store.bytes(facts.digest(), 1000)).hasMessageContaining("damaged");
  }

  @Test
  void manyWritersOfOneBlobWriteItOnceAndReadersSeeItWhole() throws Exception {
    byte[] bytes = noise(6, 2_000_000);
    Digest digest = Digest.sha256(bytes);
    AtomicInteger written = new AtomicInteger();
    AtomicBoolean over = new AtomicBoolean();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> reader =
          threads.submit(
              () -> {
                while (!over.get()) {
                  if (store.has(digest)) {
                    assertThat(store.bytes(digest, bytes.length)).isEqualTo(bytes);
                  }
                  Thread.sleep(1);
                }
                return null;
              });
      List<Future<?>> writers = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        writers.add(
            threads.submit(
                () -> {
                  var draft = ContentStore.open(folder).draft(digest, bytes.length);
                  if (draft.isPresent()) {
                    try (Draft mine = draft.get()) {
                      assertThat(mine.position()).isZero();
                      for (int at = 0; at < bytes.length; at += 100_000) {
                        mine.write(bytes, at, 100_000);
                      }
                      mine.commit();
                      written.incrementAndGet();
                    }
                  }
                  return null;
                }));
      }
      for (Future<?> one : writers) {
        one.get(30, TimeUnit.SECONDS);
      }
      over.set(true);
      reader.get(30, TimeUnit.SECONDS);
    }
    assertThat(written).hasValue(1);
  }

  @Test
  void aKilledWriterLeavesADraftThatTheNextGoesOnWith() throws Exception {
    byte[] bytes = noise(7, 4_000_000);
    Digest digest = Digest.sha256(bytes);
    Process writer =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                SlowWriter.class.getName(),
                folder.toString(),
                "7",
                "4000000")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    Path draft = folder.resolve("drafts/" + digest.hex());
    while (!Files.exists(draft) || Files.size(draft) < 100_000) {
      assertThat(writer.isAlive()).isTrue();
      Thread.sleep(5);
    }
    // It holds the draft: another waits.
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Draft> next = threads.submit(() -> store.draft(digest, bytes.length).orElseThrow());
      Thread.sleep(200);
      assertThat(next.isDone()).isFalse();
      writer.destroyForcibly().waitFor();
      try (Draft mine = next.get(10, TimeUnit.SECONDS)) {
        int from = (int) mine.position();
        assertThat(from).isPositive();
        mine.write(bytes, from, bytes.length - from);
        mine.commit();
      }
    }
    assertThat(store.bytes(digest, bytes.length)).isEqualTo(bytes);
  }

  /// Another process: writes a blob so slowly that it can be killed meanwhile.
  static final class SlowWriter {
    public static void main(String[] arguments) throws Exception {
      byte[] bytes = noise(Integer.parseInt(arguments[1]), Integer.parseInt(arguments[2]));
      ContentStore store = ContentStore.open(Path.of(arguments[0]));
      try (Draft draft = store.draft(Digest.sha256(bytes), bytes.length).orElseThrow()) {
        for (int at = 0; at < bytes.length; at += 10_000) {
          draft.write(bytes, at, 10_000);
          Thread.sleep(10);
        }
        draft.commit();
      }
    }
  }

  @Test
  void namesAreReplacedAsAWhole() {
    References references = References.of(store);
    Digest one = Digest.sha256(noise(8, 1));
    for (int i = 0; i < 3; i++) {
      references.put(
          new Reference(
              "h/a:" + i,
              one,
              Digest.sha3(noise(8, 1)),
              null,
              Reference.Kind.CONTAINER,
              "linux",
              "amd64",
              5,
              "file",
              Instant.EPOCH));
    }
    assertThat(References.of(store).all()).extracting(Reference::name).contains("h/a:0", "h/a:2");
    assertThat(references.find("h/a:1")).map(Reference::digest).contains(one);
    assertThat(references.find("h/a:9")).isEmpty();
    assertThat(references.remove("h/a:1")).isTrue();
    assertThat(references.remove("h/a:1")).isFalse();
  }

  @Test
  void digestsAreStrict() {
    for (String bad :
        List.of(
            "",
            "sha256:",
            "sha256:" + "A".repeat(64),
            "sha256:" + "a".repeat(63),
            "sha512:" + "a".repeat(64),
            "sha256:../../../../etc/passwd")) {
      assertThatThrownBy(() -> Digest.parse(bad)).isInstanceOf(IllegalArgumentException.class);
    }
  }
}
