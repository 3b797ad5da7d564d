package io.atoll.client;

import io.atoll.client.api.ChatLineView;
import io.atoll.client.api.ChatLines;
import io.atoll.client.api.ChatList;
import io.atoll.client.api.ChatRequest;
import io.atoll.client.api.ChatView;
import io.atoll.client.api.TransferList;
import io.atoll.client.api.TransferRequest;
import io.atoll.client.api.TransferTarget;
import io.atoll.client.api.TransferView;
import java.time.Duration;
import java.util.List;

/// A daemon among its peers: the files and the conversations between them. Fails as [HubClient]
/// does.
public final class PeerClient {
  private static final String TRANSFERS = "/api/v1/p2p/transfers";
  private static final String CHATS = "/api/v1/p2p/chats";

  private final HubClient daemon;

  PeerClient(HubClient daemon) {
    this.daemon = daemon;
  }

  /// Files between this daemon and peers, oldest first.
  public List<TransferView> transfers() {
    return daemon.get(TRANSFERS, TransferList.class).transfers();
  }

  public TransferView transfer(String id) {
    return daemon.get(TRANSFERS + "/" + HubClient.segment(id), TransferView.class);
  }

  /// Begins to send a file; what is on its way to that peer already just goes on.
  public TransferView send(TransferRequest request) {
    return daemon.post(TRANSFERS, request, TransferView.class);
  }

  /// Takes an offered file.
  public TransferView accept(String id, TransferTarget target) {
    return daemon.post(
        TRANSFERS + "/" + HubClient.segment(id) + "/accept", target, TransferView.class);
  }

  /// Refuses an offer, gives up what is on its way, forgets what has ended.
  public void removeTransfer(String id) {
    daemon.remove(TRANSFERS + "/" + HubClient.segment(id));
  }

  /// Who wrote to this daemon, or was written to.
  public List<ChatView> chats() {
    return daemon.get(CHATS, ChatList.class).chats();
  }

  /// The lines of a conversation after one; waits up to `wait` (at most 60 s) for the first.
  public ChatLines chat(String peer, long after, Duration wait) {
    return daemon.get(
        CHATS
            + "/"
            + HubClient.segment(peer)
            + "?after="
            + after
            + "&wait="
            + wait.toMillis()
            + "ms",
        ChatLines.class);
  }

  /// Says a line to a peer; returns once its daemon has it.
  public ChatLineView say(String peer, ChatRequest request) {
    return daemon.post(CHATS + "/" + HubClient.segment(peer), request, ChatLineView.class);
  }
}
