package io.atoll.daemon.peers;

import io.atoll.client.api.HubView;
import io.atoll.client.api.NodeView;
import io.atoll.client.request.Shown;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.core.multiformat.Protocol;
import io.atoll.daemon.hub.HubApi;
import io.atoll.daemon.provider.ProviderApi;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Who is meant, and where that peer is dialled.
final class PeerNames {
  /// @param addresses none = only over a connection that there is
  record Named(PeerId id, List<String> addresses) {}

  private final HubApi hub;
  private final ProviderApi provider;

  PeerNames(HubApi hub, ProviderApi provider) {
    this.hub = hub;
    this.provider = provider;
  }

  /// @throws AtollException BAD_REQUEST or NOT_FOUND
  Named find(String peer, List<String> more) {
    List<String> addresses = new ArrayList<>();
    PeerId id;
    if (peer.startsWith("/")) {
      id = ofAddress(peer);
      addresses.add(peer);
    } else {
      id = ofText(peer);
    }
    for (String address : more) {
      checked(address);
      addresses.add(address);
    }
    if (addresses.isEmpty()) {
      addresses.addAll(ofHub(id));
    }
    return new Named(id, List.copyOf(addresses));
  }

  private PeerId ofText(String peer) {
    try {
      return PeerId.parse(peer);
    } catch (IllegalArgumentException e) {
      return ofNode(peer)
          .orElseThrow(
              () ->
                  new AtollException(
                      ErrorCode.NOT_FOUND,
                      Shown.quoted(peer) + " is no peer id, and no node of this daemon's hub",
                      "write the peer id that `atoll up` shows, or an address that ends with"
                          + " /p2p/ID",
                      e));
    }
  }

  private Optional<PeerId> ofNode(String name) {
    try {
      return hub.nodes().stream()
          .filter(node -> node.name().equals(name))
          .map(NodeView::id)
          .findFirst();
    } catch (AtollException noHub) {
      return Optional.empty();
    }
  }

  private static PeerId ofAddress(String text) {
    Multiaddr address = checked(text);
    Multiaddr.Part last = address.parts().getLast();
    if (last.protocol() != Protocol.P2P) {
      throw new AtollException(
          ErrorCode.BAD_REQUEST,
          Shown.quoted(text) + " does not say which peer is there",
          "end the address with /p2p/ID");
    }
    return PeerId.parse(last.value());
  }

  private static Multiaddr checked(String text) {
    try {
      return Multiaddr.parse(text);
    } catch (IllegalArgumentException e) {
      throw new AtollException(
          ErrorCode.BAD_REQUEST,
          Shown.quoted(text) + " is no address",
          "write a multiaddr, such as /ip4/192.0.2.7/tcp/7464",
          e);
    }
  }

  private List<String> ofHub(PeerId id) {
    try {
      return provider.hubs().stream()
          .filter(joined -> joined.id().equals(id))
          .map(HubView::addresses)
          .findFirst()
          .orElse(List.of());
    } catch (AtollException noProvider) {
      return List.of();
    }
  }
}
