package io.atoll.e2e;

import io.atoll.client.api.TaskRequest;
import io.atoll.core.json.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A driver under attack, and what it promises: one row.
///
/// @param image the empty string = none
/// @param ownKernel what its root does to the kernel harms only the guest
/// @param memory MiB that the task asks for
/// @param overhead MiB that may be added to it, such as what an emulator needs
/// @param asked MiB of disk that the task asks for
/// @param disk MiB that such a task may make on the host's disk
/// @param output MiB of output that may be on the host's disk
record HostileGuest(
    String driver,
    String image,
    boolean ownKernel,
    int memory,
    int overhead,
    int asked,
    int disk,
    int output) {
  static final int MOST_PROCESSES = 64;

  TaskRequest request(String script) {
    Map<String, Object> request = new LinkedHashMap<>();
    request.put("driver", driver);
    if (!image.isEmpty()) {
      request.put("image", image);
    }
    request.put("command", List.of("/bin/sh", "-c", script));
    request.put("cpus", "1");
    request.put("memory", memory + "Mi");
    request.put("disk", asked + "Mi");
    request.put("maxProcesses", MOST_PROCESSES);
    request.put("grace", "1s");
    return Json.mapper().convertValue(request, TaskRequest.class);
  }
}
