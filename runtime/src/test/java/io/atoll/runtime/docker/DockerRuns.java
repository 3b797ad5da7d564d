package io.atoll.runtime.docker;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.atoll.core.term.Epoch;
import io.atoll.core.term.IpAddress;
import io.atoll.core.term.MacAddress;
import io.atoll.core.term.NetworkId;
import io.atoll.core.term.OutputChunk.Stream;
import io.atoll.core.term.Port;
import io.atoll.core.term.Resources;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.core.term.Workload;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.NetworkCard;
import io.atoll.runtime.driver.OutputRecords;
import io.atoll.runtime.process.SupervisorBinary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/// Makes runs for the docker driver's own tests.
record DockerRuns(Path folder) {
  static final Resources SMALL = new Resources(1000, 128L << 20, 0);

  ActivitySpec spec(String image, String... command) {
    return spec(image, Map.of(), List.of(), false, command);
  }

  ActivitySpec script(String image, String script) {
    return spec(image, "/bin/sh", "-c", script);
  }

  ActivitySpec spec(
      String image,
      Map<String, String> env,
      List<Port> ports,
      boolean publishAll,
      String... command) {
    RunId id = new RunId(TaskId.random(ThreadLocalRandom.current()), new Epoch(1, 1));
    Workload workload =
        new Workload(
            "docker",
            image,
            List.of(command),
            env,
            SMALL,
            64,
            ports,
            publishAll,
            Workload.Isolation.SANDBOX);
    return new ActivitySpec(id, workload, folder.resolve(id.toString()));
  }

  static DockerDriver driver(DockerEngine engine, String instance) {
    return new DockerDriver(
        DockerSettings.loopback(engine.address(), instance),
        (image, line) -> System.out.println(image + " " + line));
  }

  /// The same with what keeps commands and cards beside containers.
  static DockerDriver driverWithCards(DockerEngine engine, String instance) throws Exception {
    return new DockerDriver(
        DockerSettings.loopback(engine.address(), instance).withSupervisor(SupervisorBinary.path()),
        (image, line) -> System.out.println(image + " " + line));
  }

  /// The same run in a network.
  static ActivitySpec withCard(ActivitySpec spec) {
    NetworkCard card =
        new NetworkCard(
            NetworkId.random(ThreadLocalRandom.current()),
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
    return new ActivitySpec(spec.id(), spec.workload(), spec.folder(), List.of(card));
  }

  static String text(ActivitySpec spec, Stream stream) throws IOException {
    return new String(OutputRecords.bytes(spec.folder(), stream), UTF_8);
  }
}
