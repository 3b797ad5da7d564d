package io.atoll.runtime.docker;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.json.Json;
import io.atoll.core.term.ByteSize;
import io.atoll.core.term.Port;
import io.atoll.core.term.RunId;
import io.atoll.core.term.Workload;
import io.atoll.runtime.driver.DriverException;
import java.util.List;
import java.util.TreeSet;

/// The body of a request to create a container.
final class ContainerRequest {
  static final String RUN_LABEL = "io.atoll.run";
  static final String INSTANCE_LABEL = "io.atoll.instance";

  /// Docker's default set without what makes device files, raw packets, file capabilities, audit
  /// records or wider bounding sets: an image that starts as root and goes on as another user
  /// works.
  static final List<String> CAPABILITIES =
      List.of(
          "CHOWN",
          "DAC_OVERRIDE",
          "FOWNER",
          "FSETID",
          "KILL",
          "NET_BIND_SERVICE",
          "SETGID",
          "SETUID",
          "SYS_CHROOT");

  private static final long LEAST_MEMORY = 6L << 20;

  private ContainerRequest() {}

  /// Ports to publish: those of the workload, and all that the image exposes where it says so.
  static List<Port> published(Workload workload, Image image) {
    TreeSet<Port> ports = new TreeSet<>((a, b) -> a.toString().compareTo(b.toString()));
    ports.addAll(workload.ports());
    if (workload.publishAll()) {
      ports.addAll(image.exposed());
    }
    return List.copyOf(ports);
  }

  /// @throws DriverException BAD_REQUEST for a workload that no engine takes
  static void check(Workload workload) throws DriverException {
    long memory = workload.resources().memory();
    if (memory != 0 && memory < LEAST_MEMORY) {
      throw new DriverException(
          ErrorCode.BAD_REQUEST,
          "a container cannot run in " + ByteSize.format(memory) + " of memory",
          "ask for at least 6Mi");
    }
    long cpu = workload.resources().cpuMillis();
    if (cpu != 0 && cpu < 10) {
      throw new DriverException(
          ErrorCode.BAD_REQUEST,
          "a container cannot run on " + cpu + " thousandths of a core",
          "ask for at least 0.01 cores");
    }
  }

  static ObjectNode body(
      RunId id, Workload workload, Image image, DockerSettings settings, boolean init) {
    ObjectNode body = Json.mapper().createObjectNode();
    body.put("Image", image.id());
    if (!workload.command().isEmpty()) {
      ArrayNode command = body.putArray("Cmd");
      workload.command().forEach(command::add);
    }
    ArrayNode env = body.putArray("Env");
    workload.env().forEach((name, value) -> env.add(name + "=" + value));
    body.put("AttachStdout", true).put("AttachStderr", true);
    body.putObject("Labels").put(RUN_LABEL, id.toString()).put(INSTANCE_LABEL, settings.instance());
    ObjectNode host = body.putObject("HostConfig");
    confine(host);
    limit(host, workload);
    host.put("Init", init);
    // What no daemon was there to copy waits here; see OutputCopy.
    host.putObject("LogConfig")
        .put("Type", "local")
        .putObject("Config")
        .put("max-size", "64m")
        .put("max-file", "3")
        .put("compress", "false");
    List<Port> ports = published(workload, image);
    host.put("NetworkMode", ports.isEmpty() ? "none" : "bridge");
    if (!ports.isEmpty()) {
      ObjectNode exposed = body.putObject("ExposedPorts");
      ObjectNode bindings = host.putObject("PortBindings");
      for (Port port : ports) {
        exposed.putObject(port.toString());
        bindings
            .putArray(port.toString())
            .addObject()
            .put("HostIp", settings.bindAddress())
            .put("HostPort", "");
      }
    }
    return body;
  }

  private static void confine(ObjectNode host) {
    host.putArray("CapDrop").add("ALL");
    ArrayNode kept = host.putArray("CapAdd");
    CAPABILITIES.forEach(kept::add);
    host.putArray("SecurityOpt").add("no-new-privileges");
  }

  private static void limit(ObjectNode host, Workload workload) {
    long memory = workload.resources().memory();
    if (memory > 0) {
      // Equal values: no swap on top.
      host.put("Memory", memory).put("MemorySwap", memory);
    }
    long cpu = workload.resources().cpuMillis();
    if (cpu > 0) {
      host.put("NanoCpus", cpu * 1_000_000);
    }
    host.put("PidsLimit", (long) workload.maxProcesses());
  }
}
