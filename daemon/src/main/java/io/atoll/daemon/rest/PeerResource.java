package io.atoll.daemon.rest;

import io.atoll.client.api.ChatList;
import io.atoll.client.api.TransferList;
import io.atoll.client.request.PeerMapping;
import io.atoll.daemon.peers.PeersApi;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/// Files to and from peers, and conversations with them: for the owner of this machine's daemon.
final class PeerResource {
  private static final String TRANSFERS = "/api/v1/p2p/transfers";
  private static final String CHATS = "/api/v1/p2p/chats";
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(60);

  private final PeersApi peers;

  PeerResource(PeersApi peers) {
    this.peers = peers;
  }

  List<Route> routes() {
    return List.of(
        Route.get(TRANSFERS, own(call -> call.json(200, new TransferList(peers.transfers())))),
        Route.post(TRANSFERS, own(this::send)),
        Route.get(
            TRANSFERS + "/{transfer}",
            own(call -> call.json(200, peers.transfer(call.path("transfer"))))),
        Route.post(TRANSFERS + "/{transfer}/accept", own(this::accept)),
        Route.delete(TRANSFERS + "/{transfer}", own(this::remove)),
        Route.get(CHATS, own(call -> call.json(200, new ChatList(peers.chats())))),
        Route.get(CHATS + "/{peer}", own(this::lines)).with("after", "wait"),
        Route.post(CHATS + "/{peer}", own(this::say)));
  }

  private Route.Action own(Route.Action action) {
    return new OwnersOnly(peers::isOwner, "files and conversations with peers").only(action);
  }

  private void send(Call call) throws IOException, InterruptedException {
    PeerMapping.Send wanted = PeerMapping.send(call.body());
    call.begun();
    call.json(201, peers.send(wanted));
  }

  private void accept(Call call) throws IOException, InterruptedException {
    String target = PeerMapping.target(call.body());
    call.begun();
    call.json(200, peers.accept(call.path("transfer"), target));
  }

  private void remove(Call call) throws InterruptedException {
    call.begun();
    peers.remove(call.path("transfer"));
    call.nothing();
  }

  private void lines(Call call) throws InterruptedException {
    long after = call.number("after", 0, 0, Long.MAX_VALUE);
    call.json(200, peers.lines(call.path("peer"), after, call.span("wait", LONGEST_WAIT)));
  }

  private void say(Call call) throws IOException, InterruptedException {
    PeerMapping.Say line = PeerMapping.say(call.body());
    call.begun();
    call.json(201, peers.say(call.path("peer"), line));
  }
}
