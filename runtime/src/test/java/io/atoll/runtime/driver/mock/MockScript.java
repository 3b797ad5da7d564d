package io.atoll.runtime.driver.mock;

import io.atoll.core.term.Endpoint;
import io.atoll.core.term.Workload;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a run of [MockDriver] does, read from the words of its command: `run_for=200ms`,
/// `exit_code=3`, `start_error=no luck`, `output=text` (written to stdout at once), `ignore_term`,
/// `endpoint=80/tcp->127.0.0.1:40000` (several). A word that is none of these is refused.
///
/// @param runFor how long it runs; a run without it ends at once
/// @param startError if set, the start fails with this text
public record MockScript(
    Duration runFor,
    int exitCode,
    @Nullable String startError,
    String output,
    boolean ignoreTerm,
    List<Endpoint> endpoints) {

  static MockScript of(Workload workload) {
    Duration runFor = Duration.ZERO;
    int exitCode = 0;
    String startError = null;
    String output = "";
    boolean ignoreTerm = false;
    List<Endpoint> endpoints = new ArrayList<>();
    for (String word : workload.command()) {
      int equals = word.indexOf('=');
      String key = equals < 0 ? word : word.substring(0, equals);
      String value = equals < 0 ? "" : word.substring(equals + 1);
      switch (key) {
        case "run_for" ->
            runFor =
                value.endsWith("ms")
                    ? Duration.ofMillis(Long.parseLong(value.substring(0, value.length() - 2)))
                    : Duration.parse("PT" + value);
        case "exit_code" -> exitCode = Integer.parseInt(value);
        case "start_error" -> startError = value;
        case "output" -> output = value;
        case "ignore_term" -> ignoreTerm = true;
        case "endpoint" -> endpoints.add(Endpoint.parse(value));
        default -> throw new IllegalArgumentException("no word of a script: " + word);
      }
    }
    return new MockScript(runFor, exitCode, startError, output, ignoreTerm, endpoints);
  }
}
