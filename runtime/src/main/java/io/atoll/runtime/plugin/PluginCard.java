package io.atoll.runtime.plugin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.atoll.runtime.card.CardLine;
import io.atoll.runtime.driver.CardEnd;
import io.atoll.runtime.driver.NetworkCard;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;

/// A payload's cards, in the words of the protocol.
final class PluginCard {
  private static final int LONGEST_PATH = 4096;

  private PluginCard() {}

  /// What a runtime says of this machine's end of a card.
  sealed interface Said {
    record Frames(Path here, Path guest) implements Said {}

    /// @param socket where the device is handed to whoever connects
    record Device(Path socket) implements Said {}
  }

  static void into(ArrayNode list, List<NetworkCard> cards) {
    for (NetworkCard card : cards) {
      ObjectNode json = list.addObject();
      json.put("network", card.network().text());
      json.put("device", card.device()).put("mac", card.mac().toString());
      json.put("v4", card.v4() + "/" + card.v4Bits()).put("v6", card.v6() + "/" + card.v6Bits());
      json.put("gateway4", card.gateway4().toString());
      json.put("gateway6", card.gateway6().toString());
      json.put("mtu", card.mtu()).put("leaves", card.leaves());
      json.put("domain", card.domain()).put("name", card.name());
    }
  }

  /// @param folders where a runtime may have sockets; this daemon binds one of them
  static Said of(JsonNode said, List<Path> folders) throws IOException {
    String kind = PluginField.text(said, "kind", 40);
    return switch (kind) {
      case "frames" -> new Said.Frames(path(said, "here", folders), path(said, "guest", folders));
      case "device" -> new Said.Device(path(said, "socket", folders));
      default -> throw new IOException("'" + kind + "' is no kind of a card's end");
    };
  }

  private static Path path(JsonNode said, String name, List<Path> folders) throws IOException {
    String text = PluginField.text(said, name, LONGEST_PATH);
    try {
      Path path = Path.of(text).normalize();
      if (folders.stream().anyMatch(folder -> path.startsWith(folder) && !path.equals(folder))) {
        return path;
      }
    } catch (InvalidPathException e) {
      throw new IOException("'" + name + "' is no path", e);
    }
    throw new IOException("'" + name + "' is neither in the run's folder nor in the runtime's own");
  }

  /// Takes the end over. Waits for the runtime a while.
  static CardEnd take(Said said) throws IOException {
    return switch (said) {
      case Said.Frames(Path here, Path guest) -> new CardEnd.Frames(here, guest);
      case Said.Device(Path socket) -> new CardEnd.Device(CardLine.handedOver(socket));
    };
  }
}
