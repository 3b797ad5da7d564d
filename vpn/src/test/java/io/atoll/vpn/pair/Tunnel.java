package io.atoll.vpn.pair;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// One of the two that are compared: two processes, and the far end's address inside.
record Tunnel(String name, Process a, Process b, String far) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern TIME = Pattern.compile("time=([0-9.]+) ms");
  private static final String PORT = "5301";

  /// @param gbits a second, or datagrams a second
  /// @param cpu seconds of both processes for a Gbit, or for a million datagrams
  record Flow(double rate, double cpu, double retransmits) {}

  /// Milliseconds.
  record Times(double median, double p99) {}

  private double cpuSeconds() {
    return Stream.of(a, b)
        .mapToDouble(
            process -> process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos() / 1e9)
        .sum();
  }

  /// One stream of TCP.
  Flow tcp(int seconds) throws IOException, InterruptedException {
    double before = cpuSeconds();
    JsonNode end = iperf(seconds, List.of());
    double gbits = end.path("sum_received").path("bytes").asDouble() * 8 / 1e9;
    double took = end.path("sum_received").path("seconds").asDouble();
    return new Flow(
        gbits / took,
        (cpuSeconds() - before) / gbits,
        end.path("sum_sent").path("retransmits").asDouble());
  }

  /// Lets the far end send, for the JVMs to compile what either side runs seldom in [#tcp].
  void warmBackwards(int seconds) throws IOException, InterruptedException {
    iperf(seconds, List.of("-R"));
  }

  /// Datagrams of 1370 bytes, as many as go.
  Flow udp(int seconds) throws IOException, InterruptedException {
    double before = cpuSeconds();
    JsonNode sum = iperf(seconds, List.of("-u", "-b", "0", "-l", "1370")).path("sum");
    double got = sum.path("packets").asDouble() - sum.path("lost_packets").asDouble();
    double rate = got / sum.path("seconds").asDouble();
    return new Flow(rate, (cpuSeconds() - before) / got * 1e6, sum.path("lost_percent").asDouble());
  }

  private JsonNode iperf(int seconds, List<String> more) throws IOException, InterruptedException {
    Process server =
        Side.B.start(
            ProcessBuilder.Redirect.DISCARD,
            "timeout",
            Integer.toString(seconds + 20),
            "iperf3",
            "-s",
            "-1",
            "-p",
            PORT,
            "--forceflush");
    try {
      BufferedReader lines = Side.output(server);
      String line = lines.readLine();
      while (line != null && !line.contains("listening")) {
        line = lines.readLine();
      }
      String[] words =
          Stream.concat(
                  Stream.of("iperf3", "-c", far, "-p", PORT, "-t", Integer.toString(seconds), "-J"),
                  more.stream())
              .toArray(String[]::new);
      String said = Side.A.run(Duration.ofSeconds(seconds + 15L), words);
      // It may begin with a warning.
      JsonNode all = JSON.readTree(said.substring(Math.max(0, said.indexOf('{'))));
      if (all.has("error")) {
        throw new IOException(name + ": iperf3: " + all.path("error").asText());
      }
      return all.path("end");
    } finally {
      server.destroy();
      server.waitFor();
    }
  }

  /// Round trips of echoes, each so long after the one before.
  Times ping(int count, double interval) throws IOException, InterruptedException {
    String said =
        Side.A.run(
            Duration.ofSeconds(30),
            "ping",
            "-n",
            "-i",
            Double.toString(interval),
            "-c",
            Integer.toString(count),
            far);
    Matcher found = TIME.matcher(said);
    double[] times =
        found.results().mapToDouble(time -> Double.parseDouble(time.group(1))).sorted().toArray();
    if (times.length == 0) {
      throw new IOException(name + ": no answer to ping: " + said);
    }
    return new Times(
        times[times.length / 2], times[Math.min(times.length - 1, times.length * 99 / 100)]);
  }

  /// Whether both sides reach each other, tried for a while.
  void await() throws InterruptedException, IOException {
    for (int tries = 0; tries < 40; tries++) {
      try {
        String said = Side.A.run(Duration.ofSeconds(3), "ping", "-c", "1", "-W", "1", far);
        if (said.contains("time=")) {
          return;
        }
      } catch (IOException notYet) {
        Thread.sleep(250);
      }
    }
    throw new IOException(name + " does not come up");
  }

  void stop() {
    for (Process process : List.of(a, b)) {
      process.destroy();
    }
  }

  /// Asks a [PairNode] for its counts.
  static List<String> counts(Process node, BufferedReader answers) throws IOException {
    node.getOutputStream().write('\n');
    node.getOutputStream().flush();
    return List.of(Objects.requireNonNull(answers.readLine()).split(" ", 5));
  }
}
