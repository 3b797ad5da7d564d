package io.atoll.daemon;

import static io.atoll.daemon.UpSettings.text;
import static io.atoll.daemon.UpSettings.wrong;

import io.atoll.client.config.Setting;
import io.atoll.client.config.Settings;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.p2p.pnet.NetworkKey;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// The key of the private network that a daemon is in, from the file that is named for it.
final class SwarmKeyFile {
  private static final int LONGEST = 4096;

  private SwarmKeyFile() {}

  /// @throws AtollException BAD_REQUEST that names the file and what is wrong with it
  static Optional<NetworkKey> read(Settings said, Setting setting) {
    String text = text(said, setting);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    Path file = Path.of(text);
    try (InputStream in = Files.newInputStream(file)) {
      return Optional.of(NetworkKey.parse(in.readNBytes(LONGEST)));
    } catch (IOException e) {
      throw wrong(
          said,
          setting,
          "the file cannot be read ("
              + e.getClass().getSimpleName()
              + "): name one that `atoll p2p swarm-key FILE` made");
    } catch (IllegalArgumentException e) {
      throw new AtollException(
          ErrorCode.BAD_REQUEST,
          setting.name() + ": " + file + " is " + e.getMessage(),
          "copy the file of a node that is in the network, or make one: `atoll p2p swarm-key FILE`",
          e);
    }
  }
}
