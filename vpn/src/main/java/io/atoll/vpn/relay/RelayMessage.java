package io.atoll.vpn.relay;

import io.atoll.core.identity.PeerId;
import io.atoll.core.json.Json;
import java.io.IOException;
import java.net.ProtocolException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What a relay and its clients say to each other.
public sealed interface RelayMessage {
  /// No message is longer.
  int LONGEST = 16 << 10;

  /// And no news in one.
  int LONGEST_NEWS = 8 << 10;

  /// Addresses of a relay that are believed.
  int MOST_ADDRESSES = 8;

  // ---- to the relay

  /// Packets between this client and that node are to be passed on.
  ///
  /// @param tag what is to be written before those to the client
  record Meet(PeerId node, int tag) implements RelayMessage {}

  /// They are not any more.
  record Leave(PeerId node) implements RelayMessage {}

  /// News for another client.
  record Tell(PeerId node, byte[] news) implements RelayMessage {}

  // ---- from the relay

  /// @param addresses at which the relay takes packets, such as `192.0.2.1:7464`
  /// @param port at which it takes them wherever else it is reached
  record Given(PeerId node, int number, byte[] key, List<String> addresses, int port)
      implements RelayMessage {
    public Given {
      addresses = List.copyOf(addresses);
    }

    @Override
    public String toString() {
      return "Given[" + node + "]";
    }
  }

  /// The other has come, too.
  record Met(PeerId node) implements RelayMessage {}

  /// That node would like to be met.
  record Asked(PeerId node) implements RelayMessage {}

  record Told(PeerId node, byte[] news) implements RelayMessage {}

  record Refused(PeerId node, String why) implements RelayMessage {}

  /// All of them on the wire: which one, and those fields that it has.
  record Line(
      @Nullable String say,
      @Nullable PeerId node,
      @Nullable Integer number,
      byte @Nullable [] bytes,
      @Nullable List<String> addresses,
      @Nullable Integer port,
      @Nullable String why) {}

  default byte[] write() {
    return Json.bytes(
        switch (this) {
          case Meet(PeerId node, int tag) -> new Line("meet", node, tag, null, null, null, null);
          case Leave(PeerId node) -> new Line("leave", node, null, null, null, null, null);
          case Tell(PeerId node, byte[] news) ->
              new Line("tell", node, null, news, null, null, null);
          case Given(PeerId node, int number, byte[] key, List<String> addresses, int port) ->
              new Line("seat", node, number, key, addresses, port, null);
          case Met(PeerId node) -> new Line("met", node, null, null, null, null, null);
          case Asked(PeerId node) -> new Line("asked", node, null, null, null, null, null);
          case Told(PeerId node, byte[] news) ->
              new Line("told", node, null, news, null, null, null);
          case Refused(PeerId node, String why) ->
              new Line("refused", node, null, null, null, null, why);
        });
  }

  /// @return null for one of a later version
  /// @throws IOException if that is no message
  static @Nullable RelayMessage read(byte[] bytes) throws IOException {
    Line line = Json.read(bytes, Line.class);
    if (line == null || line.say == null || line.node == null) {
      throw new ProtocolException("a relay's message says too little");
    }
    PeerId node = line.node;
    return switch (line.say) {
      case "meet" -> new Meet(node, number(line.number));
      case "leave" -> new Leave(node);
      case "tell" -> new Tell(node, news(line.bytes));
      case "seat" -> {
        byte[] key = line.bytes;
        List<String> addresses = line.addresses == null ? List.of() : line.addresses;
        int port = number(line.port);
        if (key == null
            || key.length != RelayFrame.KEY
            || addresses.size() > MOST_ADDRESSES
            || addresses.stream().anyMatch(Objects::isNull)
            || port < 0
            || port > 65_535) {
          throw new ProtocolException("a seat of a relay is not whole");
        }
        yield new Given(node, number(line.number), key, addresses, port);
      }
      case "met" -> new Met(node);
      case "asked" -> new Asked(node);
      case "told" -> new Told(node, news(line.bytes));
      case "refused" -> new Refused(node, line.why == null ? "" : line.why);
      default -> null;
    };
  }

  private static int number(@Nullable Integer number) throws ProtocolException {
    if (number == null) {
      throw new ProtocolException("a relay's message without a number");
    }
    return number;
  }

  private static byte[] news(byte @Nullable [] news) throws ProtocolException {
    if (news == null || news.length > LONGEST_NEWS) {
      throw new ProtocolException("news without words, or with too many");
    }
    return news;
  }
}
