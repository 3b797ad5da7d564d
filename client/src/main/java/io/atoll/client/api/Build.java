package io.atoll.client.api;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/// What this program was built from.
public final class Build {
  private Build() {}

  public static VersionView version() {
    Properties built = new Properties();
    try (InputStream in = Build.class.getResourceAsStream("/atoll-build.properties")) {
      if (in != null) {
        built.load(in);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new VersionView(
        built.getProperty("version", "unknown"),
        built.getProperty("commit", "unknown"),
        System.getProperty("java.version", "unknown"),
        System.getProperty("os.name", "unknown") + " " + System.getProperty("os.arch", "unknown"));
  }
}
