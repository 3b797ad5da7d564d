package io.atoll.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Who may not use whom inside this module, and why.
class LayeringTest {
  private record Rule(String who, String mayNotUse, String why) {}

  private static final List<Rule> RULES =
      List.of(
          new Rule("io/atoll/client/api/", "io/atoll/client/request/", "the contract is data"),
          new Rule("io/atoll/client/api/", "io/atoll/client/config/", "the contract is data"),
          new Rule(
              "io/atoll/client/request/", "io/atoll/client/config/", "requests know no machine"),
          new Rule("io/atoll/client/request/", "java/net/", "requests are checked without I/O"),
          new Rule("io/atoll/client/config/", "io/atoll/client/api/", "settings know no hub"),
          new Rule("io/atoll/client/", "java/net/http/", "it takes 60 to 200 ms to load"),
          new Rule("io/atoll/client/", "java/util/regex/", "the command line starts often"));

  /// Only the command line knows the command line.
  private static final List<String> CLI = List.of("io/atoll/client/cli/", "picocli/");

  @Test
  void everyoneStaysInTheirLayer() throws Exception {
    Path classes =
        Path.of(HubClient.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    List<String> broken = new ArrayList<>();
    int looked = 0;
    try (Stream<Path> files = Files.walk(classes)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".class")).toList()) {
        String name = classes.relativize(file).toString();
        looked++;
        for (String used : used(file)) {
          for (Rule rule : RULES) {
            if (name.startsWith(rule.who) && used.startsWith(rule.mayNotUse)) {
              broken.add(name + " uses " + used + ", but " + rule.why);
            }
          }
          if (!name.startsWith(CLI.getFirst()) && CLI.stream().anyMatch(used::startsWith)) {
            broken.add(
                name + " uses " + used + ", but only the command line knows the command line");
          }
        }
      }
    }
    assertThat(looked).isGreaterThan(60);
    assertThat(broken).isEmpty();
  }

  private static List<String> used(Path file) throws IOException {
    List<String> names = new ArrayList<>();
    for (PoolEntry entry : ClassFile.of().parse(file).constantPool()) {
      if (entry instanceof ClassEntry type) {
        names.add(type.asInternalName());
      }
    }
    return names;
  }
}
