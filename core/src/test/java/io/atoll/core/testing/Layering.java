package io.atoll.core.testing;

import java.io.IOException;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Checks compiled classes against a table *package · may not use · why*.
public final class Layering {
  private static final Pattern DESCRIBED = Pattern.compile("L([\\w/$]+)[;<]");

  /// @param who a package; the packages below it are meant too
  /// @param mayNotUse a package with all below it, or one class
  /// @param why the reason, for whoever breaks the rule
  public record Rule(String who, String mayNotUse, String why) {}

  private Layering() {}

  /// One line for each class that uses what it may not. A rule that matches no class is an error of
  /// the table.
  ///
  /// @param classes a folder of class files, such as `target/classes`
  public static List<String> violations(Path classes, List<Rule> rules) throws IOException {
    List<String> violations = new ArrayList<>();
    List<ClassModel> models = new ArrayList<>();
    try (Stream<Path> files = Files.walk(classes)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".class")).toList()) {
        models.add(ClassFile.of().parse(file));
      }
    }
    for (Rule rule : rules) {
      boolean matched = false;
      for (ClassModel model : models) {
        String name = model.thisClass().asInternalName().replace('/', '.');
        if (!within(name, rule.who)) {
          continue;
        }
        matched = true;
        for (String used : used(model)) {
          if (within(used, rule.mayNotUse) && !within(used, rule.who)) {
            violations.add(name + " uses " + used + ": " + rule.why);
          }
        }
      }
      if (!matched) {
        violations.add("no class is in " + rule.who + ", as a rule says");
      }
    }
    return violations;
  }

  private static boolean within(String name, String packageOrClass) {
    return name.equals(packageOrClass)
        || name.startsWith(packageOrClass + ".")
        || name.startsWith(packageOrClass + "$");
  }

  /// All classes named in the constant pool: as such, and in descriptors and signatures.
  private static TreeSet<String> used(ClassModel model) {
    TreeSet<String> used = new TreeSet<>();
    for (PoolEntry entry : model.constantPool()) {
      switch (entry) {
        case ClassEntry named -> addDescribed(named.asInternalName(), used);
        case Utf8Entry text -> addMatches(text.stringValue(), used);
        default -> {}
      }
    }
    model
        .findAttribute(Attributes.signature())
        .ifPresent(signature -> addMatches(signature.signature().stringValue(), used));
    return used;
  }

  private static void addDescribed(String name, TreeSet<String> used) {
    if (name.startsWith("[")) {
      addMatches(name, used);
    } else {
      used.add(name.replace('/', '.'));
    }
  }

  private static void addMatches(String text, TreeSet<String> used) {
    Matcher matcher = DESCRIBED.matcher(text);
    while (matcher.find()) {
      used.add(matcher.group(1).replace('/', '.'));
    }
  }
}
