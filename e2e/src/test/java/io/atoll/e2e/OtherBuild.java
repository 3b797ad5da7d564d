package io.atoll.e2e;

import io.atoll.market.activity.Versions;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

/// The same program built again with another version and other versions of the protocol, as its
/// next releases will be: a folder that comes first on the class path.
final class OtherBuild {
  private static final String SOURCE =
      "market/src/main/java/io/atoll/market/activity/ActivityProtocol.java";
  private static final String SPOKEN = "SPOKEN = new Versions(1, 1);";

  private final String classPath;

  private OtherBuild(String classPath) {
    this.classPath = classPath;
  }

  /// The build under test itself.
  static OtherBuild none() {
    return new OtherBuild(DaemonProcess.classPath());
  }

  static OtherBuild make(Path folder, String version, Versions spoken) throws IOException {
    Path classes = Files.createDirectories(folder.resolve("build-" + version));
    String source = Files.readString(DaemonProcess.ROOT.resolve(SOURCE));
    if (!source.contains(SPOKEN)) {
      throw new IOException(SOURCE + " has no line " + SPOKEN);
    }
    Path changed = Files.createDirectories(folder.resolve("source-" + version));
    Path file = changed.resolve("ActivityProtocol.java");
    Files.writeString(
        file,
        source.replace(
            SPOKEN, "SPOKEN = new Versions(%d, %d);".formatted(spoken.oldest(), spoken.newest())));
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    List<String> arguments =
        List.of(
            "-d", classes.toString(), "-cp", DaemonProcess.classPath(), "-nowarn", file.toString());
    if (compiler == null || compiler.run(null, null, null, arguments.toArray(String[]::new)) != 0) {
      throw new IOException("cannot compile " + file + "; is this a JDK?");
    }
    Files.writeString(
        classes.resolve("atoll-build.properties"), "version=" + version + "\ncommit=test\n");
    return new OtherBuild(classes + File.pathSeparator + DaemonProcess.classPath());
  }

  /// Ends the daemon as a service manager does, and starts it again with this build.
  void replace(DaemonProcess daemon) throws IOException {
    daemon.close();
    daemon.start("-cp", classPath);
  }
}
