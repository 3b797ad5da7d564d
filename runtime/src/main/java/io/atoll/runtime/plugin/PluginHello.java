package io.atoll.runtime.plugin;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/// What a runtime says of itself.
///
/// @param program its own name and version, for people
/// @param abilities what only some can do; see the constants
record PluginHello(String program, Set<String> abilities) {
  static final int VERSION = 1;

  /// Keeps payloads in a sandbox. One without takes only tasks that ask for none.
  static final String SANDBOX = "sandbox";

  static final String SUSPEND = "suspend";

  /// Runs commands beside payloads.
  static final String EXEC = "exec";

  /// Runs images.
  static final String IMAGES = "images";

  /// Publishes ports.
  static final String PORTS = "ports";

  /// Gives payloads cards of networks.
  static final String NETWORKS = "networks";

  /// Says when there is more output.
  static final String OUTPUT = "output";

  private static final int MOST_ABILITIES = 64;

  PluginHello {
    abilities = Set.copyOf(abilities);
  }

  /// @throws IOException if it is none
  static PluginHello of(JsonNode said) throws IOException {
    JsonNode listed = said.get("abilities");
    if (listed == null || !listed.isArray() || listed.size() > MOST_ABILITIES) {
      throw new IOException("'abilities' is no list of at most " + MOST_ABILITIES);
    }
    Set<String> abilities = new HashSet<>();
    for (JsonNode one : listed) {
      abilities.add(PluginField.clean(one.asText(), 40));
    }
    return new PluginHello(
        PluginField.text(said, "name", 60) + " " + PluginField.text(said, "version", 40),
        abilities);
  }

  boolean can(String ability) {
    return abilities.contains(ability);
  }
}
