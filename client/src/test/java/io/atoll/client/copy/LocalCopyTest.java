package io.atoll.client.copy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.tar.TarEntry;
import io.atoll.core.tar.TarWriter;
import io.atoll.core.testing.Fuzz;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@EnabledOnOs({OS.LINUX, OS.MAC})
class LocalCopyTest {
  @TempDir Path folder;
  private final List<String> notes = new ArrayList<>();

  @ParameterizedTest
  @CsvSource({
    "web:/a/b, web, /a/b",
    "web:, web, .",
    "t1.x:a:b, t1.x, a:b",
  })
  void aPlaceInATask(String text, String task, String path) {
    assertThat(Place.of(text)).isEqualTo(new Place.InTask(task, path));
  }

  @Test
  void placesHere() {
    for (String here : List.of("a", "/a:b", "./a:b", "../x:y", ".", ":x")) {
      assertThat(Place.of(here)).isEqualTo(new Place.Here(here));
    }
    assertThat(Place.of("-")).isEqualTo(new Place.Stream());
    assertThat(Stream.of("a/b", "a/b//", "/", "a/.", "..", "a/..", ".").map(Place::top))
        .containsExactly("b", "b", ".", ".", ".", ".", ".");
  }

  @Test
  void aFolderIsCopiedAsItIs() throws Exception {
    Path tree = tree();
    copy(tree.toString(), folder.resolve("copy").toString(), "tree");
    assertThat(look(folder.resolve("copy"))).isEqualTo(look(tree));
    Path into = Files.createDirectory(folder.resolve("into"));
    copy(tree.toString(), into.toString(), "tree");
    assertThat(look(into.resolve("tree"))).isEqualTo(look(tree));
    copy(tree + "/.", into.toString(), ".");
    assertThat(Files.readString(into.resolve("a"))).isEqualTo("one");
    copy(tree + "/.", folder.resolve("content").toString(), ".");
    assertThat(look(folder.resolve("content"))).isEqualTo(look(tree));
    assertThat(notes).isEmpty();
  }

  @Test
  void aFileIsCopiedByTheRulesOfCp() throws Exception {
    String a = Files.writeString(folder.resolve("a"), "one").toString();
    Path into = Files.createDirectory(folder.resolve("into"));
    copy(a, into.toString(), "a");
    copy(a, into + "/", "a");
    assertThat(Files.readString(into.resolve("a"))).isEqualTo("one");
    copy(a, folder.resolve("b").toString(), "a");
    Files.writeString(folder.resolve("b"), "much longer than before");
    copy(a, folder.resolve("b").toString(), "a");
    assertThat(Files.readString(folder.resolve("b"))).isEqualTo("one");
    assertThat(fails(() -> copy(a, folder + "/none/", "a"))).isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(fails(() -> copy(a, folder + "/none/x", "a"))).isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(fails(() -> copy(a, a + "/", "a"))).isEqualTo(ErrorCode.CONFLICT);
    assertThat(fails(() -> copy(into.toString(), a, "into"))).isEqualTo(ErrorCode.CONFLICT);
    assertThat(fails(() -> copy(a + "/", into.toString(), "a"))).isEqualTo(ErrorCode.CONFLICT);
    assertThat(fails(() -> copy(a + "x", into.toString(), "ax"))).isEqualTo(ErrorCode.NOT_FOUND);
    Files.createDirectory(into.resolve("b"));
    assertThat(fails(() -> unpack(into, "b", file("b", "x")))).isEqualTo(ErrorCode.CONFLICT);
    try (Stream<Path> all = Files.walk(folder)) {
      assertThat(all).noneMatch(one -> one.toString().contains(".atoll-copy"));
    }
  }

  @Test
  void namesThatLeadOutAreRefused() throws Exception {
    Path into = Files.createDirectory(folder.resolve("into"));
    for (String name : List.of("../x", "a/../../x", "/x", "a/../b", "")) {
      assertThat(fails(() -> unpack(into, "a", file(name, "x")))).isEqualTo(ErrorCode.BAD_REQUEST);
    }
    // What was asked for is `a`: nothing may come beside it.
    assertThat(fails(() -> unpack(into, "a", file(".bashrc", "x"))))
        .isEqualTo(ErrorCode.BAD_REQUEST);
    assertThat(look(folder)).containsOnlyKeys("into");
  }

  @Test
  void nothingIsWrittenThroughALink() throws Exception {
    Path into = Files.createDirectory(folder.resolve("into"));
    Path aside = Files.createDirectory(folder.resolve("aside"));
    Files.createSymbolicLink(Files.createDirectory(into.resolve("a")).resolve("own"), aside);
    assertThat(fails(() -> unpack(into, "a", file("a/own/x", "x")))).isEqualTo(ErrorCode.CONFLICT);
    assertThat(fails(() -> unpack(into, "a", link("a/up", "b"), file("a/up/x", "x"))))
        .isEqualTo(ErrorCode.CONFLICT);
    Files.writeString(aside.resolve("file"), "kept");
    Files.createSymbolicLink(into.resolve("a/file"), aside.resolve("file"));
    unpack(into, "a", file("a/file", "new"));
    assertThat(Files.readString(aside.resolve("file"))).isEqualTo("kept");
    assertThat(Files.readString(into.resolve("a/file"))).isEqualTo("new");
  }

  @Test
  void linksThatLeadOutAreLeftOut() throws Exception {
    Path into = Files.createDirectory(folder.resolve("into"));
    for (String target : List.of("/etc/passwd", "../..", "../../x", "b/../../x", "b/..", "")) {
      notes.clear();
      unpack(into, "a", folder("a"), folder("a/b"), link("a/b/link", target));
      assertThat(notes).as(target).hasSize(1);
      assertThat(Files.exists(into.resolve("a/b/link"), LinkOption.NOFOLLOW_LINKS)).isFalse();
    }
    notes.clear();
    unpack(
        into,
        "a",
        link("a/b/up", "../c"),
        link("a/b/top", ".."),
        link("a/here", "."),
        link("a/b/deep", "x/y"));
    assertThat(notes).isEmpty();
    assertThat(Files.readSymbolicLink(into.resolve("a/b/up"))).hasToString("../c");
    unpack(into, "l", link("l", "a"));
    assertThat(notes).hasSize(1);
  }

  @Test
  void devicesAreLeftOut() throws Exception {
    Path into = Files.createDirectory(folder.resolve("into"));
    unpack(into, "a", folder("a"), member("a/null", TarEntry.Type.CHARACTER_DEVICE, "", 0));
    unpack(into, "a", member("a/pipe", TarEntry.Type.FIFO, "", 0));
    unpack(into, "a", member("a/hard", TarEntry.Type.HARD_LINK, "/etc/passwd", 0));
    assertThat(notes).hasSize(3).allMatch(note -> note.contains("left out"));
    assertThat(into.resolve("a")).isEmptyDirectory();
  }

  @Test
  void aFileThatTheDiskCannotHoldIsRefusedBeforeItIsWritten() throws Exception {
    Path into = Files.createDirectory(folder.resolve("into"));
    byte[] tar = tar(member("a", TarEntry.Type.FILE, "", 900_000_000_000_000_000L));
    assertThat(
            fails(
                () ->
                    LocalTarget.of(into.toString(), "a", notes::add)
                        .take(new ByteArrayInputStream(tar))))
        .isEqualTo(ErrorCode.DISK_FULL);
    assertThat(into).isEmptyDirectory();
  }

  @Test
  void halfAFileLeavesNothing() throws Exception {
    Path into = Files.createDirectory(folder.resolve("into"));
    byte[] tar = java.util.Arrays.copyOf(tar(member("a", TarEntry.Type.FILE, "", 5000)), 2000);
    assertThat(
            fails(
                () ->
                    LocalTarget.of(into.toString(), "a", notes::add)
                        .take(new ByteArrayInputStream(tar))))
        .isEqualTo(ErrorCode.BAD_REQUEST);
    assertThat(into).isEmptyDirectory();
  }

  @Test
  void whateverComesStaysInTheTarget() throws Exception {
    Path aside = Files.createDirectory(folder.resolve("aside"));
    String[] words = {"a", "..", ".", "b", "", "a", "/", "c"};
    Fuzz.rounds(
        "copied tar",
        60,
        random -> {
          Path into = Files.createTempDirectory(folder, "into");
          List<byte[]> members = new ArrayList<>();
          for (int i = 0; i < 20; i++) {
            StringBuilder name = new StringBuilder("a");
            StringBuilder target = new StringBuilder(words[random.nextInt(words.length)]);
            for (int parts = random.nextInt(4); parts > 0; parts--) {
              name.append('/').append(words[random.nextInt(words.length)]);
              target.append('/').append(words[random.nextInt(words.length)]);
            }
            members.add(
                switch (random.nextInt(3)) {
                  case 0 -> link(name.toString(), target.toString());
                  case 1 -> folder(name.toString());
                  default -> file(name.toString(), "x");
                });
          }
          for (byte[] member : members) {
            try {
              unpack(into, "a", member);
            } catch (AtollException e) {
              assertThat(e.code()).isIn(ErrorCode.BAD_REQUEST, ErrorCode.CONFLICT);
            }
          }
          try (Stream<Path> all = Files.walk(into)) {
            for (Path one : all.filter(Files::isSymbolicLink).filter(Files::exists).toList()) {
              assertThat(one.toRealPath()).startsWith(into.resolve("a").toRealPath());
            }
          }
          try (Stream<Path> all = Files.list(folder)) {
            assertThat(all.filter(one -> !one.getFileName().toString().startsWith("into")))
                .containsExactly(aside);
          }
        });
    assertThat(aside).isEmptyDirectory();
  }

  // ---- making and looking

  private Path tree() throws IOException {
    Path tree = Files.createDirectory(folder.resolve("tree"));
    Files.writeString(tree.resolve("a"), "one");
    Files.setPosixFilePermissions(tree.resolve("a"), PosixFilePermissions.fromString("rw-r-----"));
    Files.writeString(tree.resolve("n".repeat(200)), "long");
    Files.createSymbolicLink(tree.resolve("link"), Path.of("a"));
    Files.createDirectories(tree.resolve("sub/empty"));
    Files.setPosixFilePermissions(
        tree.resolve("sub"), PosixFilePermissions.fromString("r-xr-x---"));
    return tree;
  }

  /// Path → what is there.
  private static Map<String, String> look(Path at) throws IOException {
    Map<String, String> all = new TreeMap<>();
    try (Stream<Path> found = Files.walk(at)) {
      for (Path one : found.filter(one -> !one.equals(at)).toList()) {
        String what =
            Files.isSymbolicLink(one)
                ? "-> " + Files.readSymbolicLink(one)
                : PosixFilePermissions.toString(Files.getPosixFilePermissions(one))
                    + (Files.isDirectory(one, LinkOption.NOFOLLOW_LINKS)
                        ? "/"
                        : " "
                            + Files.getLastModifiedTime(one).toMillis() / 1000
                            + " "
                            + Files.readString(one));
        all.put(at.relativize(one).toString(), what);
      }
    }
    return all;
  }

  private void copy(String from, String to, String top) throws Exception {
    new Transfer(LocalSource.of(from, notes::add), LocalTarget.of(to, top, notes::add), bytes -> {})
        .run();
  }

  private void unpack(Path into, String top, byte[]... members) throws Exception {
    LocalTarget.of(into.toString(), top, notes::add).take(new ByteArrayInputStream(tar(members)));
  }

  @FunctionalInterface
  private interface Attempt {
    void run() throws Exception;
  }

  private static ErrorCode fails(Attempt attempt) {
    AtollException[] failure = new AtollException[1];
    assertThatThrownBy(attempt::run)
        .isInstanceOfSatisfying(AtollException.class, e -> failure[0] = e);
    return failure[0].code();
  }

  private static byte[] folder(String name) throws IOException {
    return member(name, TarEntry.Type.FOLDER, "", 0);
  }

  private static byte[] link(String name, String target) throws IOException {
    return member(name, TarEntry.Type.SYMLINK, target, 0);
  }

  private static byte[] file(String name, String content) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.write(member(name, TarEntry.Type.FILE, "", content.length()));
    all.write(java.util.Arrays.copyOf(content.getBytes(ISO_8859_1), 512));
    return all.toByteArray();
  }

  private static byte[] member(String name, TarEntry.Type type, String link, long size)
      throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    new TarWriter(all).header(new TarEntry(name, type, size, 0755, 0, 0, 7, link, Map.of(), 0));
    return all.toByteArray();
  }

  private static byte[] tar(byte[]... members) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] member : members) {
      all.write(member);
    }
    all.write(new byte[1024]);
    return all.toByteArray();
  }
}
