package io.atoll.runtime.image.registry;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/// Who we are at registries.
@FunctionalInterface
public interface Credentials {
  Credentials NONE = _ -> Optional.empty();

  /// A name and a password. It never prints.
  record Login(String user, String password) {
    String header() {
      return "Basic "
          + Base64.getEncoder()
              .encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
      return "Login[" + user + "]";
    }
  }

  /// @param host of the registry as the image's name has it, with its port
  Optional<Login> at(String host);
}
