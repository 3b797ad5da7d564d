package io.atoll.vpn.node;

import io.atoll.core.identity.PeerId;
import io.atoll.core.json.Json;
import io.atoll.vpn.path.Candidate;
import io.atoll.vpn.relay.RelayAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a node tells another of how it can be reached.
///
/// @param ask whether it wants to hear the same of the other
/// @param relays at which it can be met, and where they are
record News(boolean ask, List<Candidate> candidates, List<Relay> relays) {
  static final int LONGEST = 8 << 10;
  private static final int MOST_CANDIDATES = 16;
  private static final int MOST_RELAYS = 4;
  private static final int MOST_ADDRESSES = 8;
  private static final int LONGEST_ADDRESS = 256;

  record Relay(PeerId id, List<String> addresses) {
    Relay {
      addresses = List.copyOf(addresses);
    }
  }

  private record Place(@Nullable String at, @Nullable String kind) {}

  private record Meeting(@Nullable PeerId id, @Nullable List<@Nullable String> addresses) {}

  private record Line(
      @Nullable Boolean ask,
      @Nullable List<@Nullable Place> candidates,
      @Nullable List<@Nullable Meeting> relays) {}

  News {
    candidates = candidates.stream().limit(MOST_CANDIDATES).toList();
    relays = relays.stream().limit(MOST_RELAYS).toList();
  }

  byte[] write() {
    return Json.bytes(
        new Line(
            ask,
            candidates.stream()
                .map(one -> new Place(RelayAddress.text(one.address()), one.kind().name()))
                .toList(),
            relays.stream()
                .map(
                    one ->
                        new Meeting(
                            one.id(), one.addresses().stream().limit(MOST_ADDRESSES).toList()))
                .toList()));
  }

  /// Reads what a stranger may have made; what is not understood is left out.
  static News read(byte[] bytes) throws IOException {
    if (bytes.length > LONGEST) {
      throw new ProtocolException("news of " + bytes.length + " bytes");
    }
    Line line = Json.read(bytes, Line.class);
    if (line == null) {
      throw new ProtocolException("no news");
    }
    List<Candidate> candidates = new ArrayList<>();
    for (Place place : orNone(line.candidates)) {
      InetSocketAddress address =
          place == null || place.at == null ? null : RelayAddress.parse(place.at);
      Candidate.Kind kind = place == null ? null : kind(place.kind);
      if (address != null && kind != null) {
        candidates.add(new Candidate(address, kind));
      }
    }
    List<Relay> relays = new ArrayList<>();
    for (Meeting meeting : orNone(line.relays)) {
      if (meeting != null && meeting.id != null) {
        relays.add(new Relay(meeting.id, addresses(orNone(meeting.addresses))));
      }
    }
    return new News(Boolean.TRUE.equals(line.ask), candidates, relays);
  }

  private static <T> List<@Nullable T> orNone(@Nullable List<@Nullable T> list) {
    return list == null ? List.of() : list;
  }

  private static List<String> addresses(List<@Nullable String> said) {
    List<String> addresses = new ArrayList<>();
    for (String address : said) {
      if (address != null
          && address.length() <= LONGEST_ADDRESS
          && addresses.size() < MOST_ADDRESSES) {
        addresses.add(address);
      }
    }
    return addresses;
  }

  /// What others tell of themselves is never what we were told, or have heard.
  private static Candidate.@Nullable Kind kind(@Nullable String text) {
    return switch (text) {
      case "LOCAL" -> Candidate.Kind.LOCAL;
      case "MAPPED" -> Candidate.Kind.MAPPED;
      case "OBSERVED" -> Candidate.Kind.OBSERVED;
      case null, default -> null;
    };
  }
}
