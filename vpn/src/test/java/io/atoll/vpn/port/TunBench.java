package io.atoll.vpn.port;

import io.atoll.core.testing.OwnNetwork;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// The figures of [TunLab], in two network namespaces: `./dev bench tun`.
public final class TunBench {
  private TunBench() {}

  public static void main(String[] words) throws Exception {
    Path said = Files.createTempFile("tun-bench", ".txt");
    List<String> command = new ArrayList<>(List.of("a b"));
    for (String word : OwnNetwork.java(TunLab.class)) {
      // As the product runs, not as tests do.
      command.add(word.equals("-XX:TieredStopAtLevel=1") ? "-XX:+TieredCompilation" : word);
    }
    command.add(words.length > 0 ? words[0] : "3");
    Path script = Path.of(System.getProperty("atoll.root", ".."), "vpn/src/test/sh/namespaces.sh");
    OwnNetwork.run(said, Duration.ofMinutes(10), script, command)
        .lines()
        .filter(line -> line.startsWith("figure") || line.contains("Exception"))
        .forEach(System.out::println);
    Files.delete(said);
  }
}
