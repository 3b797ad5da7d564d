package io.atoll.runtime.plugin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.json.Json;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.Exit;
import io.atoll.core.term.IpAddress;
import io.atoll.core.term.MacAddress;
import io.atoll.core.term.NetworkId;
import io.atoll.core.term.Resources;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.CardEnd;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.Fingerprint;
import io.atoll.runtime.driver.NetworkCard;
import io.atoll.runtime.driver.Networked;
import io.atoll.runtime.driver.Prepared;
import io.atoll.runtime.driver.Recovered;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// A runtime that lies, stalls, babbles, speaks another version, or is not there.
@Timeout(120)
@EnabledOnOs(OS.LINUX)
class PluginBadDayTest {
  private static final String HELLO =
      "{\"protocol\":1,\"name\":\"fake\",\"version\":\"1\",\"abilities\":[\"suspend\",\"exec\"]}";
  private static final String RUNNING = "{\"state\":\"running\",\"cursor\":\"1\"}";

  /// What the fake says to a method: a result, an error with its code before it, a raw line behind
  /// `!`, or nothing for ever.
  private final Map<String, String> script = new ConcurrentHashMap<>();

  private final Map<String, JsonNode> asked = new ConcurrentHashMap<>();
  private final AtomicInteger connections = new AtomicInteger();
  @TempDir Path folder;
  private ServerSocketChannel listener;
  private PluginDriver driver;

  @BeforeEach
  void listen() throws Exception {
    listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listener.bind(UnixDomainSocketAddress.of(folder.resolve("sock")));
    script.put("hello", HELLO);
    script.put("prepare", "{}");
    script.put("start", RUNNING);
    script.put("fingerprint", "{\"findings\":[]}");
    Thread.ofVirtual().start(this::accepting);
    driver = driver(folder);
  }

  private static PluginDriver driver(Path folder) {
    return driver(folder, PluginGate.OPEN);
  }

  private static PluginDriver driver(Path folder, PluginGate gate) {
    return new PluginDriver(
        new PluginSettings("fake", Path.of("/no/such/runtime"), folder, null),
        gate,
        (image, line) -> {});
  }

  @AfterEach
  void close() throws IOException {
    driver.close();
    listener.close();
  }

  private void accepting() {
    try {
      while (true) {
        SocketChannel channel = listener.accept();
        connections.incrementAndGet();
        Thread.ofVirtual().start(() -> answering(channel));
      }
    } catch (IOException e) {
      // the test is over
    }
  }

  private void answering(SocketChannel channel) {
    try (channel;
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(Channels.newInputStream(channel), UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        JsonNode request = Json.mapper().readTree(line);
        String method = request.path("method").asText();
        asked.put(method, request.path("params"));
        String answer = script.get(method);
        if (answer == null) {
          continue;
        }
        String id = request.path("id").asText();
        say(
            channel,
            answer.startsWith("!")
                ? answer.substring(1)
                : answer.startsWith("{")
                    ? "{\"id\":" + id + ",\"result\":" + answer + "}"
                    : "{\"id\":"
                        + id
                        + ",\"error\":{\"code\":\""
                        + answer
                        + "\",\"text\":\"so\"}}");
      }
    } catch (IOException e) {
      // the daemon has had enough
    }
  }

  private static void say(SocketChannel channel, String line) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(UTF_8));
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private ActivitySpec spec() {
    RunId id = new RunId(TaskId.random(new Random()), new Epoch(1, 1));
    return new ActivitySpec(
        id,
        ExampleRuntime.workload(List.of("true"), Map.of(), Resources.NONE, 1),
        folder.resolve("runs").resolve(id.toString()));
  }

  private static ErrorCode code(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    ErrorCode[] code = new ErrorCode[1];
    assertThatThrownBy(call).isInstanceOfSatisfying(DriverException.class, e -> code[0] = e.code());
    return code[0];
  }

  @Test
  void anotherVersionIsNamed() {
    script.put("hello", HELLO.replace("\"protocol\":1", "\"protocol\":2"));
    Fingerprint print = driver.fingerprint();
    assertThat(print.available()).isFalse();
    assertThat(print.findings().getFirst().cause()).contains("speaks version 2", "version 1");
    assertThat(print.findings().getFirst().remedy()).contains("/no/such/runtime");
  }

  @Test
  void aProgramThatIsNotThereIsNamedSoon() throws Exception {
    PluginDriver nobody = driver(folder.resolve("elsewhere"));
    assertThat(nobody.answers()).isFalse();
    assertThatThrownBy(() -> nobody.service().connected(Duration.ZERO))
        .isInstanceOfSatisfying(
            DriverException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.DRIVER_UNAVAILABLE);
              assertThat(e.text()).contains("there is no program /no/such/runtime");
              assertThat(e.hint()).contains("log");
            });
    nobody.close();
  }

  @Test
  void aProgramThatEndsAtOnceIsStartedLessAndLess() throws Exception {
    Path program = folder.resolve("short");
    Path starts = folder.resolve("starts");
    Files.writeString(program, "#!/bin/sh\necho x >> " + starts + "\necho sorry >&2\nexit 1\n");
    assertThat(program.toFile().setExecutable(true)).isTrue();
    PluginSettings settings = new PluginSettings("short", program, folder.resolve("own"), null);
    try (PluginDriver hopeless = new PluginDriver(settings, PluginGate.OPEN, (image, line) -> {})) {
      long until = System.nanoTime() + Duration.ofSeconds(3).toNanos();
      while (System.nanoTime() < until) {
        assertThat(hopeless.answers()).isFalse();
      }
      assertThat(Files.readAllLines(starts)).hasSizeBetween(2, 8);
      assertThat(Files.readString(settings.log())).contains("sorry");
    }
  }

  @Test
  void garbageEndsTheConnectionAndItIsMadeAgain() throws Exception {
    assertThat(driver.answers()).isTrue();
    script.put("usage", "!\u0000\u0001 no JSON");
    assertThat(
            code(
                () ->
                    driver
                        .service()
                        .now()
                        .link()
                        .call("usage", PluginLink.params(), Duration.ofSeconds(20))))
        .isEqualTo(ErrorCode.UNREACHABLE);
    assertThat(driver.service().connected(Duration.ofSeconds(20)).link().isOver()).isFalse();
    assertThat(connections.get()).isEqualTo(2);
  }

  @Test
  void aLineWithoutEndIsCutOff() throws Exception {
    assertThat(driver.answers()).isTrue();
    script.put("usage", "!" + " ".repeat(3 << 20));
    PluginLink link = driver.service().now().link();
    assertThat(code(() -> link.call("usage", PluginLink.params(), Duration.ofSeconds(20))))
        .isEqualTo(ErrorCode.UNREACHABLE);
    assertThat(link.why()).contains("more than 1048576 bytes");
  }

  @Test
  void whoStallsHoldsUpNobodyElse() throws Exception {
    assertThat(driver.answers()).isTrue();
    PluginLink link = driver.service().now().link();
    assertThat(code(() -> link.call("never", PluginLink.params(), Duration.ofMillis(100))))
        .isEqualTo(ErrorCode.TIMEOUT);
    assertThat(link.call("prepare", PluginLink.params(), Duration.ofSeconds(20)).isObject())
        .isTrue();
  }

  @Test
  @Tag("real") // ten seconds
  void whoReadsNothingIsGivenUp() throws Exception {
    script.remove("hello");
    long begun = System.nanoTime();
    Fingerprint print = driver.fingerprint();
    assertThat(print.available()).isFalse();
    assertThat(print.findings().getFirst().cause()).contains("did not answer 'hello'");
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(40));
  }

  @Test
  void aRefusedPreparationLeavesNothing() throws Exception {
    script.put("prepare", "NO_CAPACITY");
    script.put("close", "{}");
    ActivitySpec spec = spec();
    assertThat(code(() -> driver.prepare(spec))).isEqualTo(ErrorCode.NO_CAPACITY);
    assertThat(asked).containsKey("close");
    assertThat(spec.folder()).doesNotExist();
  }

  @Test
  void aRefusedStartLeavesNothing() throws Exception {
    script.put("start", "START_FAILED");
    script.put("close", "{}");
    ActivitySpec spec = spec();
    Prepared prepared = driver.prepare(spec);
    assertThat(code(prepared::start)).isEqualTo(ErrorCode.START_FAILED);
    assertThat(spec.folder()).doesNotExist();
    assertThat(driver.recover(spec)).isEqualTo(new Recovered.NeverStarted());
  }

  @Test
  void aStartWhoseAnswerIsLostIsAskedFor() throws Exception {
    script.put("start", "!garbage");
    script.put("recover", "{\"found\":true,\"status\":" + RUNNING + "}");
    script.put("wait", "{\"state\":\"ended\",\"exit\":{\"cause\":\"EXITED\",\"code\":4}}");
    Activity activity = driver.prepare(spec()).start();
    assertThat(activity.await()).isEqualTo(Exit.of(4));

    script.put("recover", "{\"found\":false}");
    ActivitySpec never = spec();
    assertThat(driver.prepare(never).start().await().neverBegan()).isTrue();
  }

  @Test
  void aRunThatItsRuntimeForgetsIsLostAndStaysLost() throws Exception {
    script.put("recover", "{\"found\":false}");
    ActivitySpec spec = spec();
    script.put("wait", "!garbage");
    Activity activity = driver.prepare(spec).start();
    assertThat(activity.await().cause()).isEqualTo(Exit.Cause.LOST);
    script.put("recover", "{\"found\":true,\"status\":" + RUNNING + "}");
    assertThat(driver.recover(spec))
        .isInstanceOfSatisfying(
            Recovered.Found.class,
            found -> assertThat(found.activity().state()).isEqualTo(Activity.State.TERMINATED));
  }

  @Test
  void anAnswerThatIsNoneFailsItsCallAlone() throws Exception {
    script.put("usage", "{\"memory\":\"much\"}");
    script.put("wait", RUNNING);
    Activity activity = driver.prepare(spec()).start();
    assertThatThrownBy(activity::usage)
        .isInstanceOfSatisfying(
            DriverException.class,
            e -> assertThat(e.text()).contains("no answer", "no whole number 'memory'"));
    assertThat(connections.get()).isEqualTo(1);
    assertThat(activity.state()).isEqualTo(Activity.State.RUNNING);
  }

  @Test
  void aRuntimeThatDoesNotWaitIsAskedAtMostTwentyTimesASecond() throws Exception {
    AtomicInteger waits = new AtomicInteger();
    script.put("wait", RUNNING);
    Activity activity = driver.prepare(spec()).start();
    long until = System.nanoTime() + Duration.ofSeconds(1).toNanos();
    while (System.nanoTime() < until) {
      if (asked.remove("wait") != null) {
        waits.incrementAndGet();
      }
      Thread.sleep(1);
    }
    assertThat(waits.get()).isBetween(1, 30);
    assertThat(activity.state()).isEqualTo(Activity.State.RUNNING);
  }

  @Test
  void whatARuntimeCannotDoIsNotAskedOfIt() throws Exception {
    ActivitySpec bare = spec();
    var said = bare.workload();
    ActivitySpec boxed =
        new ActivitySpec(
            bare.id(),
            new io.atoll.core.term.Workload(
                said.driver(),
                null,
                said.command(),
                Map.of(),
                said.resources(),
                1,
                List.of(),
                false,
                io.atoll.core.term.Workload.Isolation.SANDBOX),
            bare.folder());
    assertThat(code(() -> driver.prepare(boxed))).isEqualTo(ErrorCode.NO_SANDBOX);
    assertThat(asked).doesNotContainKey("prepare");
    assertThat(bare.folder()).doesNotExist();
  }

  @Test
  void whatTheOwnerDoesNotTrustIsNotAskedFor() throws Exception {
    PluginGate closed =
        image -> {
          throw new DriverException(ErrorCode.DENIED, "not trusted: " + image, "trust it");
        };
    try (PluginDriver strict = driver(folder, closed)) {
      ActivitySpec spec = spec();
      assertThat(code(() -> strict.prepare(spec))).isEqualTo(ErrorCode.DENIED);
      assertThat(asked).doesNotContainKey("prepare");
      assertThat(spec.folder()).doesNotExist();
    }
  }

  @Test
  void cardsAreToldBeforeTheStartAndAskedForAfterIt() throws Exception {
    ActivitySpec plain = spec();
    NetworkCard card = card();
    ActivitySpec spec =
        new ActivitySpec(plain.id(), plain.workload(), plain.folder(), List.of(card));
    assertThat(code(() -> driver.prepare(spec))).isEqualTo(ErrorCode.BAD_REQUEST);
    assertThat(asked).doesNotContainKey("prepare");

    script.put("hello", HELLO.replace("[", "[\"networks\","));
    script.put("attach", "{}");
    script.put("wait", RUNNING);
    try (PluginDriver able = driver(folder)) {
      Prepared prepared = able.prepare(spec);
      assertThat(asked.get("attach").path("cards").toString())
          .isEqualTo(
              "[{\"network\":\"n0123456789ab\",\"device\":\"net0\",\"mac\":\"02:00:00:00:77:01\","
                  + "\"v4\":\"10.77.0.2/24\",\"v6\":\"fd00:77::2/64\",\"gateway4\":\"10.77.0.1\","
                  + "\"gateway6\":\"fd00:77::1\",\"mtu\":1400,\"leaves\":false,"
                  + "\"domain\":\"blue.internal\",\"name\":\"web\"}]");
      assertThat(asked).doesNotContainKey("start");
      Networked networked = (Networked) prepared.start();
      Path here = spec.folder().resolve("card");
      Path guest = folder.resolve("guest");
      script.put("card", frames(here, guest));
      assertThat(networked.end(card.network())).isEqualTo(new CardEnd.Frames(here, guest));
      assertThat(asked.get("card").path("network").asText()).isEqualTo("n0123456789ab");
      // The daemon binds a socket there, over one that it finds: nowhere else.
      for (Path foreign : List.of(Path.of("/run/other"), folder.resolve("../other"))) {
        script.put("card", frames(foreign, guest));
        assertThat(code(() -> networked.end(card.network()))).isEqualTo(ErrorCode.INTERNAL);
      }
      for (String bad : List.of("{}", "{\"kind\":\"wire\"}", "{\"kind\":\"device\"}")) {
        script.put("card", bad);
        assertThat(code(() -> networked.end(card.network()))).isEqualTo(ErrorCode.INTERNAL);
      }
      // It listens, and hands nothing over.
      Path silent = folder.resolve("silent");
      try (ServerSocketChannel nothing = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
        nothing.bind(UnixDomainSocketAddress.of(silent));
        script.put("card", "{\"kind\":\"device\",\"socket\":\"" + silent + "\"}");
        Thread.ofVirtual()
            .start(
                () -> {
                  try (SocketChannel one = nothing.accept()) {
                    one.write(ByteBuffer.wrap(new byte[] {1}));
                  } catch (IOException e) {
                    throw new IllegalStateException(e);
                  }
                });
        assertThat(code(() -> networked.end(card.network()))).isEqualTo(ErrorCode.INTERNAL);
      }
      script.put("card", "NOT_FOUND");
      assertThat(code(() -> networked.end(card.network()))).isEqualTo(ErrorCode.NOT_FOUND);
    }
  }

  private static String frames(Path here, Path guest) {
    return "{\"kind\":\"frames\",\"here\":\"" + here + "\",\"guest\":\"" + guest + "\"}";
  }

  private static NetworkCard card() {
    return new NetworkCard(
        new NetworkId("n0123456789ab"),
        "net0",
        MacAddress.parse("02:00:00:00:77:01"),
        IpAddress.parse("10.77.0.2"),
        24,
        IpAddress.parse("fd00:77::2"),
        64,
        IpAddress.parse("10.77.0.1"),
        IpAddress.parse("fd00:77::1"),
        1400,
        "blue.internal",
        "web");
  }
}
