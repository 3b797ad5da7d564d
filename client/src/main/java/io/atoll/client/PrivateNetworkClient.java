package io.atoll.client;

import io.atoll.client.api.AddressRequest;
import io.atoll.client.api.DeviceInvite;
import io.atoll.client.api.DeviceList;
import io.atoll.client.api.DeviceRequest;
import io.atoll.client.api.DeviceView;
import io.atoll.client.api.EgressView;
import io.atoll.client.api.MemberList;
import io.atoll.client.api.MemberView;
import io.atoll.client.api.NetworkList;
import io.atoll.client.api.NetworkRequest;
import io.atoll.client.api.NetworkView;
import io.atoll.client.api.PathView;
import java.util.List;

/// The private networks of a hub. Fails as [HubClient] does.
public final class PrivateNetworkClient {
  private static final String ROOT = "/api/v1/networks";
  private static final String DEVICES = "/devices";

  private final HubClient hub;

  PrivateNetworkClient(HubClient hub) {
    this.hub = hub;
  }

  public NetworkView create(NetworkRequest request) {
    return hub.post(ROOT, request, NetworkView.class);
  }

  /// All of them, by name.
  public List<NetworkView> list() {
    return hub.get(ROOT, NetworkList.class).networks();
  }

  /// @param network id or name, here and below
  public NetworkView show(String network) {
    return hub.get(of(network), NetworkView.class);
  }

  /// Its members, by address.
  public List<MemberView> members(String network) {
    return hub.get(of(network) + "/members", MemberList.class).members();
  }

  /// How packets get from one member to another; their node tries before it answers.
  ///
  /// @param from and
  /// @param to id or name of a member
  public PathView why(String network, String from, String to) {
    return hub.get(
        of(network) + "/why?from=" + HubClient.segment(from) + "&to=" + HubClient.segment(to),
        PathView.class);
  }

  /// Gives a member another address, also while it runs.
  ///
  /// @param member a task, a node or a device, by id or name
  public MemberView move(String network, String member, String address) {
    return hub.put(
        of(network) + "/members/" + HubClient.segment(member) + "/address",
        new AddressRequest(address),
        MemberView.class);
  }

  /// Lets a device in. The answer is the only one that has its private key.
  public DeviceInvite invite(String network, DeviceRequest device) {
    return hub.post(of(network) + DEVICES, device, DeviceInvite.class);
  }

  /// Its devices, by address.
  public List<DeviceView> devices(String network) {
    return hub.get(of(network) + DEVICES, DeviceList.class).devices();
  }

  /// @param device id or name
  public void removeDevice(String network, String device) {
    hub.remove(of(network) + DEVICES + "/" + HubClient.segment(device));
  }

  /// What may leave it.
  public EgressView egress(String network) {
    return hub.get(of(network) + "/egress", EgressView.class);
  }

  /// Says what may leave it from now on, instead of what might before.
  public EgressView setEgress(String network, EgressView egress) {
    return hub.put(of(network) + "/egress", egress, EgressView.class);
  }

  public void remove(String network) {
    hub.remove(of(network));
  }

  private static String of(String network) {
    return ROOT + "/" + HubClient.segment(network);
  }
}
