package io.atoll.vpn.pair;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A namespace of the bench, in which programs run.
///
/// @param name of the namespace
record Side(String name) {
  static final Side A = new Side("a");
  static final Side B = new Side("b");

  /// A program that goes on, whose first line of output is not waited for.
  Process start(ProcessBuilder.Redirect errors, String... words) throws IOException {
    return new ProcessBuilder(inside(words)).redirectError(errors).start();
  }

  /// A program that ends; what it printed. It fails if that takes too long.
  String run(Duration limit, String... words) throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of("timeout", Long.toString(limit.toSeconds())));
    all.addAll(inside(words));
    return said(all);
  }

  private List<String> inside(String... words) {
    List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", name));
    all.addAll(List.of(words));
    return all;
  }

  /// Runs a program outside of both.
  static String said(List<String> words) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(5, TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new IOException(String.join(" ", words) + " failed: " + said);
    }
    return said;
  }

  static BufferedReader output(Process process) {
    return new BufferedReader(
        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }
}
