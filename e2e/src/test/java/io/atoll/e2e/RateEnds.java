package io.atoll.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.core.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Two ends between which TCP is measured: at one a server of iperf3 goes on, at the other a client
/// is begun for each time.
///
/// @param name what they are
/// @param client runs a command at the one end; what it printed
/// @param far where the server is
/// @param spent what is asked for the processor's time before and after
record RateEnds(String name, Client client, String far, ProcessorTimes spent) {
  static final String PORT = "5301";

  interface Client {
    String run(String... words) throws Exception;
  }

  /// One stream for a while.
  ///
  /// @param rate Gbit a second
  /// @param retransmits segments that were sent again
  /// @param processor seconds a Gbit, by who of ours spent them
  /// @param sender seconds a Gbit of iperf3 itself, with what the kernel does in its name
  /// @param receiver the same at the other end
  record Flow(
      double rate,
      double retransmits,
      Map<String, Double> processor,
      double sender,
      double receiver) {
    double processorSum() {
      return processor.values().stream().mapToDouble(Double::doubleValue).sum();
    }
  }

  Flow tcp(int seconds) throws Exception {
    Map<String, Double> before = spent.now();
    List<String> words = new ArrayList<>(List.of("timeout", "" + (seconds + 30)));
    words.addAll(List.of(IperfImage.PROGRAM, "-c", far, "-p", PORT, "-t", "" + seconds, "-J"));
    String said = client.run(words.toArray(String[]::new));
    Map<String, Double> after = spent.now();
    // It may begin with a warning.
    JsonNode all = Json.mapper().readTree(said.substring(Math.max(0, said.indexOf('{'))));
    JsonNode end = all.path("end");
    double gbits = end.path("sum_received").path("bytes").asDouble() * 8 / 1e9;
    double took = end.path("sum_received").path("seconds").asDouble();
    assertThat(gbits).as("%s: %s", name, all.path("error").asText()).isPositive();
    Map<String, Double> each = new TreeMap<>();
    ProcessorTimes.between(before, after).forEach((who, s) -> each.put(who, s / gbits));
    JsonNode percent = end.path("cpu_utilization_percent");
    return new Flow(
        gbits / took,
        end.path("sum_sent").path("retransmits").asDouble(),
        each,
        percent.path("host_total").asDouble() / 100 * took / gbits,
        percent.path("remote_total").asDouble() / 100 * took / gbits);
  }
}
