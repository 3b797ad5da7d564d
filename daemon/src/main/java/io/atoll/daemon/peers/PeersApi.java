package io.atoll.daemon.peers;

import io.atoll.client.api.ChatLineView;
import io.atoll.client.api.ChatLines;
import io.atoll.client.api.ChatView;
import io.atoll.client.api.MemberView;
import io.atoll.client.api.NetworkView;
import io.atoll.client.api.PathView;
import io.atoll.client.api.TransferView;
import io.atoll.client.request.PeerMapping;
import io.atoll.daemon.store.KeyRow;
import java.time.Duration;
import java.util.List;

/// What an API server may ask about peers. Every failure is an `AtollException`. A peer is named by
/// its peer id, a multiaddr that ends with one, or the name of a node of the hub.
public interface PeersApi {
  /// Whether this is the key of the daemon's own machine. The daemon reads and writes files with
  /// its owner's rights: a key that was given to somebody else does not reach them.
  boolean isOwner(KeyRow key);

  /// The network that files and conversations go over.
  NetworkApi network();

  /// How packets get from one member of a network to another; its node tries for a few seconds.
  PathView why(NetworkView network, MemberView from, MemberView to) throws InterruptedException;

  List<TransferView> transfers();

  TransferView transfer(String id);

  /// Begins to send a file; what is on its way to that peer already just goes on.
  TransferView send(PeerMapping.Send request);

  TransferView accept(String id, String folder);

  /// Refuses an offer, gives up what is on its way, forgets what has ended.
  void remove(String id) throws InterruptedException;

  List<ChatView> chats();

  /// The lines after one; waits up to `wait` for the first.
  ChatLines lines(String peer, long after, Duration wait) throws InterruptedException;

  /// Returns once the peer's daemon has the line.
  ChatLineView say(String peer, PeerMapping.Say request) throws InterruptedException;
}
