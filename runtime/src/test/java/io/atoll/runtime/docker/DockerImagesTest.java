package io.atoll.runtime.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.json.Json;
import io.atoll.core.term.OutputChunk.Stream;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.image.content.Digest;
import io.atoll.runtime.image.layer.Tars;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

@Tag("real")
@Timeout(120)
class DockerImagesTest {
  @RegisterExtension static final DockerEngine ENGINE = DockerEngine.withoutNetwork();
  @RegisterExtension static final LoopbackRegistry REGISTRY = new LoopbackRegistry();

  @TempDir Path folder;
  private DockerRuns runs;
  private DockerDriver driver;
  private final ConcurrentLinkedQueue<String> told = new ConcurrentLinkedQueue<>();

  @BeforeEach
  void open() {
    runs = new DockerRuns(folder);
    driver =
        new DockerDriver(
            DockerSettings.loopback(ENGINE.address(), "images"),
            (image, line) -> told.add(image + " " + line));
  }

  @AfterEach
  void close() {
    driver.close();
  }

  private String run(ActivitySpec spec) throws Exception {
    Activity activity = driver.prepare(spec).start();
    assertThat(activity.await().code()).isZero();
    String out = DockerRuns.text(spec, Stream.STDOUT);
    activity.destroy();
    return out;
  }

  private void push(String name, String cmd) throws IOException {
    TestImages.make(ENGINE, name, "CMD " + cmd);
    ENGINE.docker("push", name);
  }

  private void forgetLocally() throws IOException {
    String all = ENGINE.docker("images", "--quiet", "--no-trunc", REGISTRY.name("pin"));
    for (String id : all.split("\\s+")) {
      if (!id.isEmpty()) {
        ENGINE.docker("rmi", "-f", id);
      }
    }
  }

  @Test
  void aDigestMeansTheSameBytesWhereverItsTagGoes() throws Exception {
    String tag = REGISTRY.name("pin:latest");
    push(tag, "[\"echo\", \"one\"]");
    String pinned = ENGINE.docker("inspect", "--format", "{{index .RepoDigests 0}}", tag);
    assertThat(pinned).startsWith(REGISTRY.name("pin@sha256:"));
    push(tag, "[\"echo\", \"two\"]");
    forgetLocally();

    assertThat(run(runs.spec(pinned))).isEqualTo("one\n");
    assertThat(told).anyMatch(line -> line.contains("pulling") && line.contains(pinned));
    assertThat(run(runs.spec(tag))).isEqualTo("two\n");
    // The tag goes on to a third image; here it stays what it was when it was fetched.
    push(REGISTRY.name("pin:third"), "[\"echo\", \"three\"]");
    assertThat(run(runs.spec(tag))).isEqualTo("two\n");
    assertThat(run(runs.spec(pinned))).isEqualTo("one\n");
  }

  @Test
  void refusesAnImageWhoseBytesWereChanged() throws Exception {
    Path content = Files.createDirectory(folder.resolve("content"));
    byte[] noise = new byte[5_000_000];
    new Random(11).nextBytes(noise);
    Files.write(content.resolve("noise"), noise);
    Path tar = folder.resolve("noise.tar");
    new ProcessBuilder("tar", "-C", content.toString(), "-cf", tar.toString(), ".")
        .start()
        .waitFor();
    String name = REGISTRY.name("noise:1");
    ENGINE.dockerWithInput(tar, "import", "-", name);
    ENGINE.docker("push", name);
    ENGINE.docker("rmi", "-f", ENGINE.docker("images", "--quiet", name));
    REGISTRY.flipByteOfLargestBlob();

    ActivitySpec spec = runs.spec(name, "true");
    assertThatThrownBy(() -> driver.prepare(spec))
        .isInstanceOfSatisfying(
            DriverException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.START_FAILED);
              assertThat(e.text()).contains("do not match its digest");
            });
    assertThat(spec.folder()).doesNotExist();
  }

  @Test
  void anImageThatSaysNotWhatToRunNeedsACommand() throws Exception {
    TestImages.make(ENGINE, "mute:1");
    ActivitySpec spec = runs.spec("mute:1");
    assertThatThrownBy(() -> driver.prepare(spec))
        .isInstanceOfSatisfying(
            DriverException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.BAD_REQUEST);
              assertThat(e.text()).contains("neither the task nor its image mute:1");
              assertThat(e.hint()).isEqualTo("add a command");
            });
    assertThat(spec.folder()).doesNotExist();
    assertThat(run(runs.spec("mute:1", "echo", "said"))).isEqualTo("said\n");
    TestImages.make(ENGINE, "entry:1", "ENTRYPOINT [\"echo\", \"entered\"]");
    assertThat(run(runs.spec("entry:1"))).isEqualTo("entered\n");
  }

  @Test
  void anImageForAnotherCpuIsRefusedBeforeItIsStarted() throws Exception {
    byte[] layer = new Tars().file("bin/x", "none").bytes();
    String foreign = System.getProperty("os.arch").equals("amd64") ? "s390x" : "amd64";
    String config =
        "{\"os\":\"linux\",\"architecture\":\"%s\",\"config\":{\"Cmd\":[\"/bin/x\"]},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"%s\"]}}"
            .formatted(foreign, Digest.sha256(layer));
    byte[] saved =
        new Tars()
            .file("layer.tar", layer, 0644, Map.of())
            .file("config.json", config)
            .file(
                "manifest.json",
                "[{\"Config\":\"config.json\",\"RepoTags\":[\"foreign:1\"],\"Layers\":[\"layer.tar\"]}]")
            .bytes();
    ENGINE.dockerWithInput(Files.write(folder.resolve("foreign.tar"), saved), "load");
    ActivitySpec spec = runs.spec("foreign:1");
    assertThatThrownBy(() -> driver.prepare(spec))
        .isInstanceOfSatisfying(
            DriverException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.START_FAILED);
              assertThat(e.text()).contains("foreign:1 is for " + foreign, "this node is");
            });
    assertThat(spec.folder()).doesNotExist();
  }

  @Test
  void saysWhatIsWrongWithAName() {
    Map<String, ErrorCode> codes =
        Map.of(
            REGISTRY.name("nothing:1"),
            ErrorCode.IMAGE_NOT_FOUND,
            REGISTRY.name("nothing@sha256:" + "0".repeat(64)),
            ErrorCode.IMAGE_NOT_FOUND,
            "127.0.0.1:1/nobody/listens",
            ErrorCode.UNREACHABLE,
            "Not A Name",
            ErrorCode.BAD_REQUEST,
            "a/b?fromSrc=http://x",
            ErrorCode.BAD_REQUEST,
            "sha256:" + "0".repeat(64),
            ErrorCode.BAD_REQUEST,
            "",
            ErrorCode.BAD_REQUEST);
    codes.forEach(
        (name, code) -> {
          ActivitySpec spec = runs.spec(name, "true");
          assertThatThrownBy(() -> driver.prepare(spec))
              .isInstanceOfSatisfying(
                  DriverException.class,
                  e -> {
                    assertThat(e.code()).as(name + ": " + e.text()).isEqualTo(code);
                    assertThat(e.hint()).isNotEmpty();
                  });
          assertThat(spec.folder()).doesNotExist();
        });
  }

  @Test
  void honoursWhatTheImageSays() throws Exception {
    TestImages.make(
        ENGINE,
        "says:1",
        "ENTRYPOINT [\"/bin/sh\", \"-c\", \"echo $0 $@ $WHO $PWD $(id -u)\"]",
        "CMD [\"default\"]",
        "ENV WHO=image",
        "WORKDIR /tmp",
        "USER somebody");
    assertThat(run(runs.spec("says:1"))).isEqualTo("default image /tmp 1234\n");
    assertThat(run(runs.spec("says:1", "given", "two"))).isEqualTo("given two image /tmp 1234\n");
    assertThat(run(runs.spec("says:1", Map.of("WHO", "task"), List.of(), false)))
        .isEqualTo("default task /tmp 1234\n");
  }

  @Test
  void stopsWithTheSignalThatTheImageNames() throws Exception {
    TestImages.make(ENGINE, "signal:0");
    String container = ENGINE.docker("create", "--network", "none", "signal:0", "true");
    try (Engine engine = new Engine(ENGINE.address())) {
      var _ =
          engine.post(
              "/commit?container=" + container + "&repo=signal&tag=1",
              Json.mapper().createObjectNode().put("StopSignal", "SIGUSR1"),
              Engine.SHORT);
    }
    ENGINE.docker("rm", container);
    ActivitySpec spec =
        runs.script("signal:1", "trap 'exit 5' USR1; echo up; while :; do sleep 0.05; done");
    Activity activity = driver.prepare(spec).start();
    org.awaitility.Awaitility.await()
        .ignoreExceptions()
        .until(() -> DockerRuns.text(spec, Stream.STDOUT).contains("up"));
    activity.stop(java.time.Duration.ofSeconds(20));
    assertThat(activity.await().code()).isEqualTo(5);
    activity.destroy();
  }

  @Test
  void keepsAPayloadFromWhatItDoesNotNeed() throws Exception {
    TestImages.make(ENGINE, "closed:1");
    String out =
        run(
            runs.script(
                "closed:1",
                "ip link | grep -c '^[0-9]'; grep -E '^(CapEff|CapBnd|NoNewPrivs|Seccomp):' "
                    + "/proc/self/status; mknod /tmp/x c 1 1 || echo no device;"
                    + "mount -t tmpfs x /tmp || echo no mount;"
                    + "echo x > /proc/sys/kernel/core_pattern || echo no sysctl"));
    assertThat(out)
        .startsWith("1\n") // loopback alone
        .contains("CapEff:\t00000000000404fb")
        .contains("CapBnd:\t00000000000404fb")
        .contains("NoNewPrivs:\t1")
        .contains("Seccomp:\t2")
        .contains("no device", "no mount", "no sysctl");
  }

  @Test
  void refusesLimitsThatNoEngineTakes() {
    ActivitySpec small = runs.spec("closed:1", "true");
    var workload = small.workload();
    var tiny =
        new io.atoll.core.term.Workload(
            "docker",
            workload.image(),
            workload.command(),
            workload.env(),
            new io.atoll.core.term.Resources(1000, 1 << 20, 0),
            64,
            List.of(),
            false,
            workload.isolation());
    assertThatThrownBy(() -> driver.prepare(new ActivitySpec(small.id(), tiny, small.folder())))
        .isInstanceOfSatisfying(
            DriverException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BAD_REQUEST));
    assertThat(small.folder()).doesNotExist();
  }
}
