package io.atoll.daemon.peers;

import io.atoll.client.api.ChatLineView;
import io.atoll.client.api.ChatLines;
import io.atoll.client.api.ChatView;
import io.atoll.client.api.MemberView;
import io.atoll.client.api.NetworkView;
import io.atoll.client.api.PathView;
import io.atoll.client.api.TransferView;
import io.atoll.client.request.PeerMapping;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.daemon.hub.HubApi;
import io.atoll.daemon.peers.PeerNames.Named;
import io.atoll.daemon.provider.ProviderApi;
import io.atoll.daemon.store.KeyRow;
import io.atoll.p2p.chat.ChatLimits;
import io.atoll.p2p.chat.ChatLine;
import io.atoll.p2p.chat.Chats;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.transfer.Transfer;
import io.atoll.p2p.transfer.TransferLimits;
import io.atoll.p2p.transfer.Transfers;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// Files and conversations of one daemon. Transfers go on where they were when it starts again.
public final class Peers implements PeersApi, AutoCloseable {
  private static final String FOLDER = "transfers";

  private final Path dataDir;
  private final String ownerHash;
  private final Host host;
  private final PeerNames names;
  private final NetworkApi network;
  private final Transfers transfers;
  private final Chats chats;

  private Peers(
      Path dataDir,
      String ownerHash,
      Host host,
      PeerNames names,
      NetworkApi network,
      Transfers transfers,
      Chats chats) {
    this.dataDir = dataDir;
    this.ownerHash = ownerHash;
    this.host = host;
    this.names = names;
    this.network = network;
    this.transfers = transfers;
    this.chats = chats;
  }

  /// @param host that of the network, or one that may talk to itself besides
  /// @param ownerHash of the key that lies in the data folder
  public static Peers open(
      Path dataDir,
      PeerNetwork network,
      Host host,
      String ownerHash,
      HubApi hub,
      ProviderApi provider)
      throws IOException {
    Transfers transfers = Transfers.open(dataDir.resolve(FOLDER), host, TransferLimits.defaults());
    Chats chats = Chats.open(host, ChatLimits.defaults());
    PeerNames names = new PeerNames(hub, provider);
    return new Peers(
        dataDir.toRealPath(),
        ownerHash,
        host,
        names,
        new LiveNetwork(network, names),
        transfers,
        chats);
  }

  @Override
  public NetworkApi network() {
    return network;
  }

  @Override
  public boolean isOwner(KeyRow key) {
    return key.hash().equals(ownerHash);
  }

  @Override
  public PathView why(NetworkView network, MemberView from, MemberView to)
      throws InterruptedException {
    return PathWords.of(host, network, from, to);
  }

  @Override
  public List<TransferView> transfers() {
    return transfers.list().stream().map(Peers::view).toList();
  }

  @Override
  public TransferView transfer(String id) {
    return view(transfers.get(id));
  }

  @Override
  public TransferView send(PeerMapping.Send request) {
    Named peer = names.find(request.peer(), request.addresses());
    Path file = outside(Path.of(request.file()));
    return view(transfers.send(file, peer.id(), peer.addresses()));
  }

  @Override
  public TransferView accept(String id, String folder) {
    return view(transfers.accept(id, outside(Path.of(folder))));
  }

  /// The daemon's own files are nobody's to send or to overwrite.
  private Path outside(Path path) {
    Path whole;
    try {
      whole = path.toRealPath();
    } catch (IOException e) {
      return path; // said by who opens it
    }
    if (whole.startsWith(dataDir)) {
      throw new AtollException(
          ErrorCode.DENIED,
          whole + " belongs to the daemon's own data",
          "copy what you want to send to another folder, and take files into another one");
    }
    return whole;
  }

  @Override
  public void remove(String id) throws InterruptedException {
    transfers.remove(id);
  }

  private static TransferView view(Transfer transfer) {
    Path file = transfer.file();
    return new TransferView(
        transfer.id(),
        transfer.direction().name(),
        transfer.peer(),
        transfer.name(),
        transfer.size(),
        transfer.done(),
        transfer.state().name(),
        transfer.code(),
        transfer.detail(),
        file == null ? null : file.toString(),
        transfer.sha256(),
        transfer.createdAt(),
        transfer.changedAt());
  }

  @Override
  public List<ChatView> chats() {
    return chats.all().stream()
        .map(talk -> new ChatView(talk.peer(), view(talk.last()), talk.unread()))
        .toList();
  }

  @Override
  public ChatLines lines(String peer, long after, Duration wait) throws InterruptedException {
    Named named = names.find(peer, List.of());
    return new ChatLines(
        named.id(), chats.lines(named.id(), after, wait).stream().map(Peers::view).toList());
  }

  @Override
  public ChatLineView say(String peer, PeerMapping.Say request) throws InterruptedException {
    Named named = names.find(peer, request.addresses());
    return view(chats.say(named.id(), named.addresses(), request.text()));
  }

  private static ChatLineView view(ChatLine line) {
    return new ChatLineView(line.seq(), line.mine(), line.text(), line.at());
  }

  @Override
  public void close() {
    transfers.close();
  }
}
