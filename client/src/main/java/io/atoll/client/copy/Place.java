package io.atoll.client.copy;

/// Where a copy begins or ends, as one writes it.
public sealed interface Place {
  /// `TASK:PATH`; without a path the working folder of its payload.
  record InTask(String task, String path) implements Place {}

  /// On this machine.
  record Here(String path) implements Place {}

  /// `-`: a tar on standard input or output.
  record Stream() implements Place {}

  /// A path of this machine with a colon begins with `/` or `./`.
  static Place of(String text) {
    int colon = text.indexOf(':');
    boolean disk =
        colon == 1 && text.length() > 2 && (text.charAt(2) == '\\' || text.charAt(2) == '/');
    if (text.equals("-")) {
      return new Stream();
    }
    if (colon < 1 || text.startsWith("/") || text.startsWith(".") || (disk && windows())) {
      return new Here(text);
    }
    String path = text.substring(colon + 1);
    return new InTask(text.substring(0, colon), path.isEmpty() ? "." : path);
  }

  private static boolean windows() {
    return System.getProperty("os.name", "").startsWith("Windows");
  }

  /// What the names in a tar of that path begin with: its last part, or `.` where that says
  /// nothing.
  static String top(String path) {
    int end = path.length();
    while (end > 0 && path.charAt(end - 1) == '/') {
      end--;
    }
    String last = path.substring(path.lastIndexOf('/', end - 1) + 1, end);
    return last.isEmpty() || last.equals("..") ? "." : last;
  }
}
