package io.atoll.daemon.rest;

import io.atoll.client.api.ChatLineView;
import io.atoll.client.api.ChatLines;
import io.atoll.client.api.ChatView;
import io.atoll.client.api.MemberView;
import io.atoll.client.api.NetworkView;
import io.atoll.client.api.PathView;
import io.atoll.client.api.TransferView;
import io.atoll.client.api.TriedWay;
import io.atoll.client.request.PeerMapping;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.PeerId;
import io.atoll.daemon.peers.PeersApi;
import io.atoll.daemon.store.KeyRow;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/// Peers in memory, by a script: what is sent is offered, what is accepted is there.
final class MemoryPeers implements PeersApi {
  static final PeerId PEER = new PeerId("12D3KooWNbVaCShN8KQUWABHqhGkbhNjCfQDPcFdmWKNa4NyT1W2");

  final Map<String, TransferView> transfers = new LinkedHashMap<>();
  final List<ChatLineView> lines = new CopyOnWriteArrayList<>();
  final MemoryNetwork network = new MemoryNetwork();
  volatile boolean owner = true;

  @Override
  public MemoryNetwork network() {
    return network;
  }

  @Override
  public boolean isOwner(KeyRow key) {
    return owner;
  }

  @Override
  public PathView why(NetworkView network, MemberView from, MemberView to) {
    return new PathView(
        from.name(),
        to.name(),
        PEER,
        PEER,
        "packets to " + to.name() + " go through a relay",
        List.of(new TriedWay("192.0.2.1:7465", "observed", "trying", null, "no answer")),
        List.of("open UDP port 7465"));
  }

  void offered(String id, String name, long size) {
    transfers.put(id, view(id, "IN", name, size, "OFFERED", null));
  }

  static TransferView view(
      String id, String direction, String name, long size, String state, String file) {
    Instant now = Instant.parse("2026-01-01T00:00:00Z");
    return new TransferView(
        id,
        direction,
        PEER,
        name,
        size,
        state.equals("DONE") ? size : 0,
        state,
        null,
        "",
        file,
        "",
        now,
        now);
  }

  @Override
  public List<TransferView> transfers() {
    return List.copyOf(transfers.values());
  }

  @Override
  public TransferView transfer(String id) {
    TransferView found = transfers.get(id);
    if (found == null) {
      throw new AtollException(ErrorCode.NOT_FOUND, "there is no transfer " + id, "");
    }
    return found;
  }

  @Override
  public TransferView send(PeerMapping.Send request) {
    String name = request.file().substring(request.file().lastIndexOf('/') + 1);
    TransferView sent = view("sent", "OUT", name, 10, "DONE", request.file());
    transfers.put("sent", sent);
    return sent;
  }

  @Override
  public TransferView accept(String id, String folder) {
    TransferView offer = transfer(id);
    TransferView taken =
        view(id, "IN", offer.name(), offer.size(), "DONE", folder + "/" + offer.name());
    transfers.put(id, taken);
    return taken;
  }

  @Override
  public void remove(String id) {
    transfer(id);
    transfers.remove(id);
  }

  @Override
  public List<ChatView> chats() {
    return lines.isEmpty() ? List.of() : List.of(new ChatView(PEER, lines.getLast(), 1));
  }

  @Override
  public ChatLines lines(String peer, long after, Duration wait) {
    return new ChatLines(PEER, lines.stream().filter(line -> line.seq() > after).toList());
  }

  @Override
  public ChatLineView say(String peer, PeerMapping.Say request) {
    ChatLineView line = new ChatLineView(lines.size() + 1, true, request.text(), Instant.EPOCH);
    lines.add(line);
    return line;
  }
}
