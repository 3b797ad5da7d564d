package io.atoll.daemon.rest;

import io.atoll.client.api.DeviceList;
import io.atoll.client.api.MemberList;
import io.atoll.client.api.MemberView;
import io.atoll.client.api.NetworkList;
import io.atoll.client.api.NetworkView;
import io.atoll.client.request.EgressMapping;
import io.atoll.client.request.NetMapping;
import io.atoll.client.request.Shown;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.daemon.hub.HubApi;
import io.atoll.daemon.peers.PeersApi;
import java.io.IOException;
import java.util.List;

/// Private networks: make, list, show, remove; their members and devices; what may leave them.
final class PrivateNetworkResource {
  private static final String ROOT = "/api/v1/networks";
  private static final String ONE = ROOT + "/{network}";
  private static final String MEMBERS = ONE + "/members";
  private static final String EGRESS = ONE + "/egress";
  private static final String DEVICES = ONE + "/devices";

  private final HubApi hub;
  private final PeersApi peers;

  PrivateNetworkResource(HubApi hub, PeersApi peers) {
    this.hub = hub;
    this.peers = peers;
  }

  List<Route> routes() {
    return List.of(
        Route.get(ROOT, call -> call.json(200, new NetworkList(hub.networks()))),
        Route.post(ROOT, this::create),
        Route.get(ONE, call -> call.json(200, hub.network(call.path("network")))),
        Route.delete(ONE, this::remove),
        Route.get(
            MEMBERS, call -> call.json(200, new MemberList(hub.members(call.path("network"))))),
        Route.get(ONE + "/why", this::why).with("from", "to"),
        Route.put(MEMBERS + "/{member}/address", this::move),
        Route.get(EGRESS, call -> call.json(200, hub.egress(call.path("network")))),
        Route.put(EGRESS, this::setEgress),
        Route.get(DEVICES, this::devices),
        Route.post(DEVICES, this::invite),
        Route.delete(DEVICES + "/{device}", this::removeDevice));
  }

  private void devices(Call call) throws IOException {
    call.json(200, new DeviceList(hub.devices().list(call.path("network"))));
  }

  private void invite(Call call) throws IOException, InterruptedException {
    call.json(201, hub.devices().invite(call.path("network"), NetMapping.device(call.body())));
  }

  private void removeDevice(Call call) throws InterruptedException {
    hub.devices().remove(call.path("network"), call.path("device"));
    call.nothing();
  }

  private void setEgress(Call call) throws IOException, InterruptedException {
    call.json(200, hub.setEgress(call.path("network"), EgressMapping.egress(call.body())));
  }

  private void create(Call call) throws IOException, InterruptedException {
    call.json(201, hub.createNetwork(NetMapping.wanted(call.body())));
  }

  private void remove(Call call) throws InterruptedException {
    hub.removeNetwork(call.path("network"));
    call.nothing();
  }

  private void why(Call call) throws InterruptedException {
    NetworkView network = hub.network(call.path("network"));
    List<MemberView> members = hub.members(call.path("network"));
    call.json(200, peers.why(network, member(call, "from", members), member(call, "to", members)));
  }

  private static MemberView member(Call call, String parameter, List<MemberView> members) {
    String wanted = call.query(parameter).orElse("");
    return members.stream()
        .filter(one -> one.id().equals(wanted))
        .findFirst()
        .or(() -> members.stream().filter(one -> one.name().equals(wanted)).findFirst())
        .orElseThrow(
            () ->
                new AtollException(
                    wanted.isEmpty() ? ErrorCode.BAD_REQUEST : ErrorCode.NOT_FOUND,
                    parameter + ": " + Shown.quoted(wanted) + " is no member of this network",
                    "`atoll net members NETWORK` lists them"));
  }

  private void move(Call call) throws IOException, InterruptedException {
    call.json(
        200,
        hub.moveMember(call.path("network"), call.path("member"), NetMapping.address(call.body())));
  }
}
