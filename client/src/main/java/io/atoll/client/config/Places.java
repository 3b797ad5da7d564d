package io.atoll.client.config;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/// Where files are by the customs of the system (XDG on Linux).
///
/// @param configFile the user's settings
/// @param dataDir the daemon's folder, unless it is set otherwise
/// @param dotenv `.env` of the working folder
public record Places(Path configFile, Path dataDir, Path dotenv) {

  /// @param workingDir of the process
  public static Places of(
      Map<String, String> environment, String system, Path home, Path workingDir) {
    Path dotenv = workingDir.resolve(".env");
    String os = system.toLowerCase(Locale.ROOT);
    if (os.startsWith("windows")) {
      Path local = absolute(environment, "LOCALAPPDATA", home.resolve("AppData/Local"));
      Path roaming = absolute(environment, "APPDATA", home.resolve("AppData/Roaming"));
      return new Places(roaming.resolve("atoll/config.properties"), local.resolve("atoll"), dotenv);
    }
    boolean mac = os.startsWith("mac");
    Path support = home.resolve("Library/Application Support");
    Path config = absolute(environment, "XDG_CONFIG_HOME", mac ? support : home.resolve(".config"));
    Path data =
        absolute(environment, "XDG_DATA_HOME", mac ? support : home.resolve(".local/share"));
    return new Places(config.resolve("atoll/config.properties"), data.resolve("atoll"), dotenv);
  }

  public static Places ofThisProcess() {
    return of(
        System.getenv(),
        System.getProperty("os.name", ""),
        home(System.getenv(), System.getProperty("user.home", "/")),
        Path.of("").toAbsolutePath());
  }

  /// What programs of a Unix take for home: the variable before the system's list of users.
  static Path home(Map<String, String> environment, String listed) {
    return absolute(environment, "HOME", Path.of(listed));
  }

  /// XDG: a path that is not absolute counts as unset.
  private static Path absolute(Map<String, String> environment, String variable, Path absent) {
    String value = environment.get(variable);
    return value != null && !value.isEmpty() && Path.of(value).isAbsolute()
        ? Path.of(value)
        : absent;
  }
}
