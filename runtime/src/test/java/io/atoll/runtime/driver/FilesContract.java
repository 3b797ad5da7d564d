package io.atoll.runtime.driver;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.exec.ExecConversation;
import io.atoll.core.exec.ExecEnd;
import io.atoll.core.exec.ExecLine;
import io.atoll.core.tar.TarEntry;
import io.atoll.core.tar.TarReader;
import io.atoll.core.tar.TarWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// Files into and out of a running payload: see [ExecOrder.Pack] and [ExecOrder.Unpack].
public abstract class FilesContract extends DriverContract {
  private static final String LONG = "n".repeat(200);

  /// Whether payloads may read what the daemon may: only by a runtime that has no sandbox.
  protected boolean payloadsAreTheDaemonsUser() {
    return false;
  }

  @Test
  void filesAndFoldersComeOutAsTheyAre() throws Exception {
    Activity activity =
        ready(
            "mkdir -p tree/sub/empty; echo one > tree/a; chmod 640 tree/a; ln -s a tree/link;"
                + " ln -s /no/where tree/dangling; echo long > tree/"
                + LONG
                + "; mkfifo tree/pipe; chmod 500 tree/sub");
    Copied copied = copy(activity, new ExecOrder.Pack("tree"), new byte[0]);
    assertThat(copied.end()).isEqualTo(new ExecEnd(ExecEnd.Cause.EXITED, 0, 0, ""));
    assertThat(copied.err()).isEqualTo("tree/pipe: left out: a pipe\n");
    Map<String, String> members = members(copied.out());
    assertThat(members)
        .isEqualTo(
            Map.of(
                "tree/",
                "FOLDER 755  ",
                "tree/a",
                "FILE 640  one\n",
                "tree/link",
                "SYMLINK 777 a ",
                "tree/dangling",
                "SYMLINK 777 /no/where ",
                "tree/" + LONG,
                "FILE 644  long\n",
                "tree/sub/",
                "FOLDER 500  ",
                "tree/sub/empty/",
                "FOLDER 755  "));
    assertThat(members(copy(activity, new ExecOrder.Pack("tree/a"), new byte[0]).out()))
        .isEqualTo(Map.of("a", "FILE 640  one\n"));
    assertThat(members(copy(activity, new ExecOrder.Pack("tree/sub/."), new byte[0]).out()))
        .isEqualTo(Map.of("./", "FOLDER 500  ", "./empty/", "FOLDER 755  "));
  }

  @Test
  void filesAndFoldersGoInAsTheyAre() throws Exception {
    Activity activity = ready("mkdir into; echo old > into/a");
    byte[] tar =
        new Tar()
            .folder("tree", 0500)
            .file("tree/a", 0640, "one\n")
            .file("tree/" + LONG, 0604, "long\n")
            .link("tree/link", "a")
            .folder("tree/empty", 0711)
            .bytes();
    assertThat(copy(activity, new ExecOrder.Unpack("into"), tar).end().code()).isZero();
    assertThat(copy(activity, new ExecOrder.Unpack("named"), tar).end().code()).isZero();
    for (String place : List.of("into/tree", "named")) {
      String look =
          "cat D/a D/link D/n*; readlink D/link; stat -c '%a %Y' D D/a D/n* D/empty;"
              + " ls -A D | wc -l";
      assertThat(inside(activity, look.replace("D", place)))
          .isEqualTo("one\none\nlong\na\n500 77\n640 77\n604 77\n711 77\n4\n");
    }
    byte[] file = new Tar().file("a", 0600, "new\n").bytes();
    assertThat(copy(activity, new ExecOrder.Unpack("into/a"), file).end().code()).isZero();
    assertThat(inside(activity, "cat into/a; ls -A into; ln -s ../into/a into/b"))
        .isEqualTo("new\na\ntree\n");
    byte[] newer = new Tar().file("c", 0600, "newer\n").bytes();
    assertThat(copy(activity, new ExecOrder.Unpack("into/b"), newer).end().code()).isZero();
    assertThat(inside(activity, "cat into/a; ls -A into")).isEqualTo("newer\na\nb\ntree\n");
    Copied onFile = copy(activity, new ExecOrder.Unpack("into/a"), tar);
    assertThat(onFile.end().code()).isEqualTo(5);
    assertThat(onFile.err()).contains("ot a directory");
  }

  @Test
  void manyBytesComeBackTheSame() throws Exception {
    Activity activity = ready("true");
    byte[] bytes = new byte[20_000_000];
    new java.util.Random(random.nextLong()).nextBytes(bytes);
    byte[] tar = new Tar().file("big", 0600, new String(bytes, ISO_8859_1)).bytes();
    assertThat(copy(activity, new ExecOrder.Unpack("big"), tar).end().code()).isZero();
    String digest = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    assertThat(inside(activity, "sha256sum < big")).startsWith(digest);
    Copied back = copy(activity, new ExecOrder.Pack("big"), new byte[0]);
    assertThat(back.end().code()).isZero();
    assertThat(content(back.out())).isEqualTo(bytes);
  }

  @Test
  void aPathThatIsNotThereSaysSo() throws Exception {
    Activity activity = ready("true");
    for (ExecOrder order :
        List.of(
            new ExecOrder.Pack("no/such"),
            new ExecOrder.Unpack("no/such"),
            new ExecOrder.Unpack("nothing/"))) {
      Copied copied = copy(activity, order, new Tar().file("a", 0600, "a").bytes());
      assertThat(copied.end().code()).isEqualTo(3);
      assertThat(copied.err()).startsWith("no").contains(": No such file or directory\n");
    }
  }

  @Test
  void linksOfThePayloadLeadToNothingThatItHasNot() throws Exception {
    Activity activity =
        ready("ln -s /etc/shadow shadow; ln -s / top; mkdir real; ln -s real through");
    Copied link = copy(activity, new ExecOrder.Pack("shadow"), new byte[0]);
    assertThat(members(link.out())).isEqualTo(Map.of("shadow", "SYMLINK 777 /etc/shadow "));
    Copied followed = copy(activity, new ExecOrder.Pack("top/etc/shadow"), new byte[0]);
    String seen = inside(activity, "cat /etc/shadow 2>/dev/null; true");
    assertThat(new String(content(followed.out()), UTF_8)).isEqualTo(seen);
    if (!payloadsAreTheDaemonsUser()) {
      secretOfTheHost().ifPresent(secret -> assertThat(followed.text()).doesNotContain(secret));
    }
    byte[] tar = new Tar().file("through/in", 0600, "x").bytes();
    Copied in = copy(activity, new ExecOrder.Unpack("."), tar);
    assertThat(in.end().code()).isEqualTo(5);
    assertThat(inside(activity, "ls -A real")).isEmpty();
  }

  private static java.util.Optional<String> secretOfTheHost() throws IOException {
    try {
      return java.util.Optional.of(Files.readString(Path.of("/etc/shadow")));
    } catch (NoSuchFileException | AccessDeniedException e) {
      return java.util.Optional.empty();
    }
  }

  @Test
  void copyingInMayNoMoreThanThePayload() throws Exception {
    Activity activity = ready("mkdir closed; chmod 555 closed");
    for (String folder : List.of("closed", "/", "/etc", "/bin", "/proc", "/sys", "/dev", "/tmp")) {
      boolean may =
          inside(
                  activity,
                  "touch " + folder + "/probe 2>/dev/null && rm " + folder + "/probe && echo y")
              .equals("y\n");
      Copied in =
          copy(activity, new ExecOrder.Unpack(folder), new Tar().file("probe", 0600, "x").bytes());
      assertThat(in.end().code() == 0).describedAs(folder + ": " + in.err()).isEqualTo(may);
      assertThat(inside(activity, "ls -A " + folder)).doesNotContain(".atoll-copy");
    }
  }

  @Test
  void nothingHalfMadeStays() throws Exception {
    Activity activity = ready("mkdir into");
    byte[] tar = new Tar().file("a", 0600, "a").file("b", 0600, "b".repeat(100_000)).bytes();
    Copied cut = copy(activity, new ExecOrder.Unpack("into"), java.util.Arrays.copyOf(tar, 60_000));
    assertThat(cut.end().code()).isEqualTo(2);
    assertThat(cut.err()).contains("ends in its middle");
    assertThat(inside(activity, "ls -A into")).isEqualTo("a\n");
    for (String name : List.of("../out", "x/../../out", "/out")) {
      byte[] hostile = new Tar().file(name, 0600, "x").bytes();
      assertThat(copy(activity, new ExecOrder.Unpack("into"), hostile).end().code()).isEqualTo(2);
    }
    assertThat(inside(activity, "ls -A into; ls out 2>/dev/null; true")).isEqualTo("a\n");
  }

  @Test
  void aCopyIsWholeHoweverLateItIsFetched() throws Exception {
    ActivitySpec spec =
        spec(script("head -c 300000 /dev/zero | tr '\\0' x > much; echo ready; sleep 1000"));
    Activity activity = start(spec);
    awaitOutput(spec, "ready\n");
    String id = sessionId();
    ((Enterable) activity).exec(new ExecSpec(id, new ExecOrder.Pack("much")));
    // It has ended by then, with bytes left that have no room before the first ones are fetched.
    Thread.sleep(2500);
    Enterable again = (Enterable) recoverAsRestarted(spec);
    AtomicInteger dials = new AtomicInteger();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ExecEnd end =
        new ExecConversation(
                () -> {
                  ExecLine line = attach(again.session(id).orElseThrow());
                  return dials.incrementAndGet() < 3 ? new ShortLine(line, 100_000) : line;
                },
                null,
                out,
                new ByteArrayOutputStream())
            .run();
    assertThat(end.code()).isZero();
    assertThat(content(out.toByteArray())).hasSize(300_000);
  }

  // ---- talking to what is beside a payload

  /// What came out of it.
  protected record Copied(byte[] out, String err, ExecEnd end) {
    String text() {
      return new String(out, UTF_8);
    }
  }

  protected Copied copy(Activity activity, ExecOrder order, byte[] input) throws Exception {
    return talk(((Enterable) activity).exec(new ExecSpec(sessionId(), order)), input);
  }

  protected static Copied talk(ExecSession session, byte[] input) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    ExecEnd end =
        new ExecConversation(() -> attach(session), new ByteArrayInputStream(input), out, err)
            .run();
    return new Copied(out.toByteArray(), err.toString(UTF_8), end);
  }

  protected static ExecLine attach(ExecSession session) {
    try {
      return session.attach();
    } catch (DriverException e) {
      throw new AssertionError(e.text(), e);
    }
  }

  protected String sessionId() {
    return "s" + Long.toString(random.nextLong() >>> 1, 36) + "00000000";
  }

  private String inside(Activity activity, String script) throws Exception {
    ExecOrder.Command command =
        new ExecOrder.Command(List.of("/bin/sh", "-c", script), Map.of(), null);
    return copy(activity, command, new byte[0]).text();
  }

  /// A payload that has done something, and goes on.
  private Activity ready(String script) throws Exception {
    ActivitySpec spec = spec(script(script + "; echo ready; sleep 1000"));
    Activity activity = start(spec);
    awaitOutput(spec, "ready\n");
    return activity;
  }

  // ---- tars

  /// Name → type, mode, link and content.
  private static Map<String, String> members(byte[] tar) throws IOException {
    Map<String, String> members = new TreeMap<>();
    TarReader reader = new TarReader(new ByteArrayInputStream(tar));
    for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
      String what =
          entry.type() + " " + Integer.toOctalString(entry.mode()) + " " + entry.link() + " ";
      members.put(entry.name(), what + new String(body(reader, entry), UTF_8));
    }
    return members;
  }

  /// Of its first member; empty where there is none.
  private static byte[] content(byte[] tar) throws IOException {
    TarReader reader = new TarReader(new ByteArrayInputStream(tar));
    TarEntry entry = reader.next();
    return entry == null ? new byte[0] : body(reader, entry);
  }

  private static byte[] body(TarReader reader, TarEntry entry) throws IOException {
    byte[] body = new byte[(int) entry.size()];
    for (int at = 0; at < body.length; ) {
      at += reader.read(body, at, body.length - at);
    }
    return body;
  }

  private static final class Tar {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final TarWriter writer = new TarWriter(bytes);

    /// @param content one character a byte
    Tar file(String name, int mode, String content) throws IOException {
      byte[] body = content.getBytes(ISO_8859_1);
      member(name, TarEntry.Type.FILE, mode, "", body.length);
      writer.body(body, 0, body.length);
      writer.pad(body.length);
      return this;
    }

    Tar folder(String name, int mode) throws IOException {
      return member(name, TarEntry.Type.FOLDER, mode, "", 0);
    }

    Tar link(String name, String target) throws IOException {
      return member(name, TarEntry.Type.SYMLINK, 0777, target, 0);
    }

    private Tar member(String name, TarEntry.Type type, int mode, String link, long size)
        throws IOException {
      writer.header(new TarEntry(name, type, size, mode, 0, 0, 77, link, Map.of(), 0));
      return this;
    }

    byte[] bytes() throws IOException {
      writer.end();
      return bytes.toByteArray();
    }
  }
}
