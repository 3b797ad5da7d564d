package io.atoll.daemon.rest;

import io.atoll.client.api.PeerList;
import io.atoll.client.api.PingView;
import io.atoll.client.api.StreamList;
import io.atoll.client.request.NetworkMapping;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.daemon.peers.NetworkApi;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/// The network of peers, as this daemon sees it: for the owner of its machine, since it dials for
/// whoever asks.
final class NetworkResource {
  private static final String P2P = "/api/v1/p2p";
  private static final String PEER = P2P + "/peers/{peer}";
  private static final String DHT = P2P + "/dht";

  private static final long NEAR_MILLIS = 50;
  private static final long MOST_MILLIS = 60_000;

  private final NetworkApi network;
  private final OwnersOnly owners;

  NetworkResource(NetworkApi network, OwnersOnly owners) {
    this.network = network;
    this.owners = owners;
  }

  List<Route> routes() {
    return List.of(
        Route.get(P2P + "/self", owners.only(call -> call.json(200, network.self()))),
        Route.get(P2P + "/peers", owners.only(this::peers)).with("known"),
        Route.get(PEER, owners.only(call -> call.json(200, network.status(call.path("peer"))))),
        Route.post(PEER + "/dial", owners.only(this::dial)),
        Route.post(PEER + "/ping", owners.only(this::ping)),
        Route.post(
            PEER + "/find", owners.only(call -> call.json(200, network.find(call.path("peer"))))),
        Route.post(PEER + "/bench", owners.only(this::bench)),
        Route.post(PEER + "/trace", owners.only(this::trace)),
        Route.get(
            P2P + "/streams",
            owners.only(call -> call.json(200, new StreamList(network.streams())))),
        Route.get(P2P + "/latency", owners.only(this::latency)).with("within"),
        Route.get(DHT, owners.only(call -> call.json(200, network.dht()))),
        Route.get(DHT + "/value", owners.only(this::value)).with("key"),
        Route.post(DHT + "/value", owners.only(this::put)));
  }

  private void peers(Call call) {
    call.json(200, new PeerList(network.peers(call.flag("known", false))));
  }

  private void dial(Call call) throws IOException, InterruptedException {
    List<String> addresses = NetworkMapping.addresses(call.body());
    call.begun();
    call.json(200, network.dial(call.path("peer"), addresses));
  }

  private void ping(Call call) throws IOException, InterruptedException {
    List<String> addresses = NetworkMapping.addresses(call.body());
    call.json(200, new PingView(network.ping(call.path("peer"), addresses)));
  }

  private void bench(Call call) throws IOException, InterruptedException {
    call.json(200, network.bench(call.path("peer"), NetworkMapping.bench(call.body())));
  }

  private void trace(Call call) throws IOException, InterruptedException {
    call.json(200, network.trace(call.path("peer"), NetworkMapping.addresses(call.body())));
  }

  private void latency(Call call) {
    long within = call.number("within", NEAR_MILLIS, 1, MOST_MILLIS);
    call.json(200, network.latency(Duration.ofMillis(within)));
  }

  private void value(Call call) throws InterruptedException {
    String key =
        call.query("key")
            .filter(text -> text.startsWith("/"))
            .orElseThrow(
                () ->
                    new AtollException(
                        ErrorCode.BAD_REQUEST,
                        "key: missing, or no key",
                        "write a key such as /atoll/KIND/PEER-ID"));
    call.json(200, network.get(key));
  }

  private void put(Call call) throws IOException, InterruptedException {
    NetworkMapping.Put wanted = NetworkMapping.put(call.body());
    call.begun();
    call.json(201, network.put(wanted));
  }
}
