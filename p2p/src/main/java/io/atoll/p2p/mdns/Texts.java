package io.atoll.p2p.mdns;

import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.core.multiformat.Multiaddr.Part;
import io.atoll.core.multiformat.Protocol;
import io.atoll.p2p.mdns.MdnsPacket.Answer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;

/// The addresses of peers as the text records of mDNS say them. Pure.
final class Texts {
  private static final String PREFIX = "dnsaddr=";
  private static final int LONGEST = 255;

  /// All of an answer fits into one frame of Ethernet with these.
  private static final int MAX_BYTES = 1000;

  private static final int MAX_ADDRESSES = 16;
  private static final int MAX_PEERS = 8;

  private Texts() {}

  /// What is said of this node: what leads to it on this network, as much as fits.
  ///
  /// @param loopback whether others on this machine alone will hear it
  static List<String> of(PeerId self, List<String> listening, boolean loopback) {
    List<String> texts = new ArrayList<>();
    int bytes = 0;
    for (String text : listening) {
      Multiaddr address = Multiaddr.parse(text);
      if (!direct(address) || (isLoopback(address) && !loopback)) {
        continue;
      }
      String string = PREFIX + address.withPeer(self.text());
      bytes += 1 + string.length();
      if (string.length() > LONGEST || bytes > MAX_BYTES || texts.size() == MAX_ADDRESSES) {
        continue;
      }
      texts.add(string);
    }
    return texts;
  }

  /// The peers that an answer names under a tag. What cannot be read is left out, and the rest
  /// counts.
  ///
  /// @param loopback whether it was said on this machine; otherwise loopback addresses mean nothing
  static List<FoundPeer> read(Answer answer, ServiceTag tag, boolean loopback) {
    Map<PeerId, SequencedSet<Multiaddr>> found = new LinkedHashMap<>();
    for (String instance : answer.pointers().getOrDefault(tag.name(), List.of())) {
      for (String text : answer.texts().getOrDefault(instance, List.of())) {
        add(found, text, loopback);
      }
    }
    return found.entrySet().stream()
        .map(entry -> new FoundPeer(entry.getKey(), List.copyOf(entry.getValue())))
        .toList();
  }

  private static void add(
      Map<PeerId, SequencedSet<Multiaddr>> found, String text, boolean loopback) {
    if (!text.startsWith(PREFIX) || text.getBytes(StandardCharsets.UTF_8).length > LONGEST) {
      return;
    }
    try {
      Multiaddr address = Multiaddr.parse(text.substring(PREFIX.length()));
      if (address.peer().isEmpty() || !direct(address) || (isLoopback(address) && !loopback)) {
        return;
      }
      PeerId peer = PeerId.parse(address.peer().get());
      if (found.size() == MAX_PEERS && !found.containsKey(peer)) {
        return;
      }
      SequencedSet<Multiaddr> addresses = found.computeIfAbsent(peer, _ -> new LinkedHashSet<>());
      if (addresses.size() < MAX_ADDRESSES) {
        addresses.add(address.withoutPeer());
      }
    } catch (IllegalArgumentException notUnderstood) {
      // A newer peer may have protocols that are not known here: its other addresses still count.
    }
  }

  /// Whether it begins with an IP and leads to the peer itself.
  private static boolean direct(Multiaddr address) {
    return isIp(address.parts().getFirst())
        && address.parts().size() > 1
        && address.value(Protocol.P2P_CIRCUIT).isEmpty();
  }

  private static boolean isIp(Part part) {
    return part.protocol() == Protocol.IP4 || part.protocol() == Protocol.IP6;
  }

  private static boolean isLoopback(Multiaddr address) {
    String host = address.parts().getFirst().value();
    return host.startsWith("127.") || host.equals("::1");
  }
}
