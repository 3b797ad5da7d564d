package io.atoll.client.request;

import io.atoll.client.api.TaskNetwork;
import io.atoll.client.api.TaskRequest;
import io.atoll.client.api.TaskSpec.Seat;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.IpAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The part of a request for a task that says in which networks it is to be. Whether there are such
/// networks, and the addresses free, is the hub's to say.
final class SeatMapping {
  /// Each is an interface inside.
  private static final int MOST = 8;

  private SeatMapping() {}

  static @Nullable List<TaskNetwork> read(JsonFields fields) {
    List<JsonFields> objects = fields.objects("networks");
    if (objects == null) {
      return null;
    }
    List<TaskNetwork> networks = new ArrayList<>();
    for (JsonFields object : objects) {
      String network = object.text("network");
      String address = object.text("address");
      object.done();
      if (network == null) {
        throw TaskMapping.refused(
            "networks[" + networks.size() + "].network: missing",
            "write the name of a network; `atoll net list` shows them");
      }
      networks.add(new TaskNetwork(network, address));
    }
    return networks;
  }

  static List<Seat> seats(TaskRequest request) {
    List<TaskNetwork> asked = request.networks() == null ? List.of() : request.networks();
    if (asked.isEmpty()) {
      return List.of();
    }
    if (asked.size() > MOST) {
      throw TaskMapping.refused(
          "networks: " + asked.size() + " are too many", "a task is in at most " + MOST);
    }
    if (Boolean.TRUE.equals(request.unsandboxed())) {
      throw TaskMapping.refused(
          "networks: a task without a sandbox has the machine's own network",
          "leave unsandboxed out, or the networks");
    }
    String name = request.name();
    if (name != null && name.endsWith("-")) {
      throw TaskMapping.refused(
          "name: " + Shown.quoted(name) + " is no name in a network: it ends in a hyphen",
          "choose a name that ends in a letter or digit");
    }
    List<Seat> seats = new ArrayList<>();
    for (TaskNetwork one : asked) {
      String network = NetMapping.label("networks", one.network());
      if (seats.stream().anyMatch(seat -> seat.network().equals(network))) {
        throw TaskMapping.refused(
            "networks: " + Shown.quoted(network) + " is named twice", "name each network once");
      }
      String address = one.address();
      seats.add(new Seat(network, address == null ? null : address("networks", address)));
    }
    return seats;
  }

  static IpAddress address(String field, String text) {
    IpAddress address;
    try {
      address = IpAddress.parse(text.strip());
    } catch (IllegalArgumentException e) {
      throw new AtollException(
          ErrorCode.BAD_REQUEST,
          field + ": " + Shown.quoted(text) + " is no address",
          "write one of IPv4 in the network's block, such as 10.96.0.7",
          e);
    }
    if (!address.isV4()) {
      throw TaskMapping.refused(
          field + ": " + address + " is one of IPv6",
          "write the one of IPv4, such as 10.96.0.7; the other follows from it");
    }
    return address;
  }
}
