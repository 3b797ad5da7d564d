package io.atoll.core.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdentityTest {
  /// The Ed25519 private key of the peer-ids specification.
  private static final String VECTOR =
      "080112407e0830617c4a7de83925dfb2694556b12936c477a0e1feb2e148ec9da60fee7d"
          + "1ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e";

  @TempDir private Path folder;

  @Test
  void isMadeOnceAndKept() throws Exception {
    Path file = folder.resolve("new/identity.key");
    Identity made = Identity.at(file);
    assertThat(Identity.at(file).id()).isEqualTo(made.id());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(file.getParent()).isDirectoryContaining(path -> path.equals(file));
    try (Stream<Path> files = Files.list(folder.resolve("new"))) {
      assertThat(files).hasSize(1);
    }
    byte[] message = {1, 2, 3};
    assertThat(made.publicKey().verify(message, made.sign(message))).isTrue();
  }

  @Test
  void allWhoAskAtOnceGetTheSame() throws Exception {
    Path file = folder.resolve("identity.key");
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<PeerId>> ids =
          IntStream.range(0, 32)
              .mapToObj(_ -> threads.submit(() -> Identity.at(file).id()))
              .toList();
      for (Future<PeerId> id : ids) {
        assertThat(id.get()).isEqualTo(Identity.at(file).id());
      }
    }
  }

  @Test
  void readsTheKeyFilesOfOthers() throws Exception {
    Path file = write(HexFormat.of().parseHex(VECTOR));
    assertThat(Identity.at(file).id().text())
        .isEqualTo("12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq");
    // The older form repeats the public key.
    String old = "08011260" + VECTOR.substring(8) + VECTOR.substring(72);
    assertThat(Identity.at(write(HexFormat.of().parseHex(old))).id().text())
        .isEqualTo("12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq");
  }

  @Test
  void refusesAFileThatOthersMayRead() throws Exception {
    Path file = folder.resolve("identity.key");
    Identity.at(file);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    assertThatThrownBy(() -> Identity.at(file))
        .isInstanceOfSatisfying(
            AtollException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.DENIED);
              assertThat(e.text()).contains(file.toString(), "rw-r-----");
              assertThat(e.hint()).contains("chmod 600 " + file);
            });
  }

  @Test
  void refusesAFileThatHoldsNoKey() throws Exception {
    byte[] wrongHalf = HexFormat.of().parseHex(VECTOR);
    wrongHalf[60] ^= 1;
    for (byte[] content : List.of(new byte[0], "hello".getBytes(), wrongHalf, new byte[9000])) {
      assertThatThrownBy(() -> Identity.at(write(content)))
          .isInstanceOf(AtollException.class)
          .hasMessageContaining("holds no Ed25519 key");
    }
  }

  @Test
  void neverPrintsTheKey() {
    Identity identity = Identity.ofSeed(new byte[32]);
    assertThat(identity.toString()).isEqualTo("Identity[" + identity.id() + "]");
  }

  private Path write(byte[] content) throws Exception {
    Path file = Files.createTempFile(folder, "key", "");
    Files.write(file, content);
    return file;
  }
}
