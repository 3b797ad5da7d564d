import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Collections;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/// Copies a jar and gives its class files from before Java 6 the form of Java 8, with stack maps.
///
/// The JVM's startup cache takes no class older than Java 6, and such a class is verified the slow way at
/// every start. picocli is compiled for Java 5: a third of the time of a short command went there.
/// The code itself stays as it is; the copy's bytes depend on the input alone.
///
/// Usage: `java UpgradeClassFiles.java IN.jar OUT.jar`; prints how many classes were upgraded.
class UpgradeClassFiles {
  private static final int JAVA_6 = 50;
  private static final int JAVA_8 = 52;
  private static final LocalDateTime EPOCH = LocalDateTime.of(1980, 1, 1, 0, 0);

  public static void main(String[] args) throws Exception {
    Path from = Path.of(args[0]);
    int upgraded = 0;
    try (var loader = new URLClassLoader(new URL[] {from.toUri().toURL()});
        var in = new ZipFile(from.toFile());
        var out = new ZipOutputStream(Files.newOutputStream(Path.of(args[1])))) {
      var classFile =
          ClassFile.of(
              ClassFile.StackMapsOption.GENERATE_STACK_MAPS,
              ClassFile.ClassHierarchyResolverOption.of(
                  ClassHierarchyResolver.ofResourceParsing(loader)
                      .orElse(ClassHierarchyResolver.defaultResolver())));
      for (ZipEntry entry : Collections.list(in.entries())) {
        byte[] bytes = in.getInputStream(entry).readAllBytes();
        if (entry.getName().endsWith(".class")) {
          var model = classFile.parse(bytes);
          if (model.majorVersion() < JAVA_6) {
            bytes = classFile.transformClass(model, upgrade());
            upgraded++;
          }
        }
        ZipEntry copy = new ZipEntry(entry.getName());
        copy.setTimeLocal(EPOCH);
        out.putNextEntry(copy);
        out.write(bytes);
      }
    }
    System.out.println(upgraded);
  }

  private static ClassTransform upgrade() {
    return (builder, element) -> {
      switch (element) {
        case ClassFileVersion _ -> builder.withVersion(JAVA_8, 0);
        // Writing the code anew is what makes its stack map.
        case MethodModel method ->
            builder.transformMethod(
                method, MethodTransform.transformingCode(CodeTransform.ACCEPT_ALL));
        default -> builder.with(element);
      }
    };
  }
}
