package io.atoll.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.daemon.hub.machine.HubMachine;
import io.atoll.daemon.provider.machine.ProviderMachine;
import io.atoll.scheduler.Scheduler;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.net.URI;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What decides does not block, read a clock or roll dice: otherwise it could not be simulated.
class MachineLayeringTest {
  /// Class, or `class.method` → why not.
  private static final Map<String, String> FORBIDDEN =
      Map.ofEntries(
          Map.entry("java/lang/Thread", "the shell has the threads"),
          Map.entry("java/util/concurrent/", "one thread owns the state"),
          Map.entry("java/lang/System.nanoTime", "time comes with each event"),
          Map.entry("java/lang/System.currentTimeMillis", "time comes with each event"),
          Map.entry("java/time/Instant.now", "time comes with each event"),
          Map.entry("java/time/Clock", "time comes with each event"),
          Map.entry("io/atoll/core/time/Now.read", "time comes with each event"),
          Map.entry("java/nio/file/", "the shell has the files"),
          Map.entry("java/io/File", "the shell has the files"),
          Map.entry("java/net/", "the shell has the network"),
          Map.entry("java/sql/", "the shell has the store"),
          Map.entry("java/util/Random", "chance would not repeat"),
          Map.entry("java/util/UUID.randomUUID", "chance would not repeat"),
          Map.entry("java/lang/Math.random", "chance would not repeat"),
          Map.entry("java/security/SecureRandom", "chance would not repeat"),
          Map.entry("io/atoll/p2p/", "the shell has the network"),
          Map.entry("io/atoll/runtime/", "the shell has the drivers"));

  private static final List<String> ALLOWED = List.of("java/util/concurrent/TimeUnit");

  @ParameterizedTest
  @ValueSource(classes = {HubMachine.class, ProviderMachine.class, Scheduler.class})
  void machinesArePure(Class<?> oneOfThem) throws IOException {
    List<String> violations = new ArrayList<>();
    int checked = 0;
    for (ClassModel model : classesOf(oneOfThem)) {
      checked++;
      for (PoolEntry entry : model.constantPool()) {
        String used =
            switch (entry) {
              case MemberRefEntry member ->
                  member.owner().asInternalName() + "." + member.name().stringValue();
              case ClassEntry named -> named.asInternalName();
              default -> "";
            };
        FORBIDDEN.forEach(
            (what, why) -> {
              if (used.startsWith(what) && ALLOWED.stream().noneMatch(used::startsWith)) {
                violations.add(model.thisClass().asInternalName() + " uses " + used + ": " + why);
              }
            });
      }
    }
    assertThat(checked).isGreaterThan(5);
    assertThat(violations).isEmpty();
  }

  /// Every class of the package, from a folder or from a jar.
  private static List<ClassModel> classesOf(Class<?> one) throws IOException {
    URI source = URI.create(one.getProtectionDomain().getCodeSource().getLocation().toString());
    String folder = one.getPackageName().replace('.', '/');
    Path root = Path.of(source);
    if (Files.isDirectory(root)) {
      return parse(root.resolve(folder));
    }
    try (var jar = FileSystems.newFileSystem(root)) {
      return parse(jar.getPath(folder));
    }
  }

  private static List<ClassModel> parse(Path folder) throws IOException {
    List<ClassModel> models = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file :
          files
              .filter(path -> path.toString().endsWith(".class"))
              .filter(path -> !path.toString().contains("Test"))
              .toList()) {
        models.add(ClassFile.of().parse(Files.readAllBytes(file)));
      }
    }
    return models;
  }
}
