package io.atoll.daemon.hub.machine;

import io.atoll.client.api.MemberView;
import io.atoll.client.api.NetworkView;
import io.atoll.client.api.TaskAddress;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.daemon.store.NetworkRow;
import io.atoll.daemon.store.SeatRow;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Private networks as people see them.
final class NetworkViews {
  private NetworkViews() {}

  static List<NetworkView> all(Memory memory) {
    return memory.networks.values().stream()
        .map(NetworkViews::of)
        .sorted(Comparator.comparing(NetworkView::name))
        .toList();
  }

  static NetworkView of(LiveNetwork network) {
    NetworkRow row = network.row;
    return new NetworkView(
        row.id(),
        row.name(),
        row.v4(),
        network.network.v6(),
        row.mtu(),
        domain(row),
        row.allProviders(),
        network.seats.size(),
        row.version(),
        row.createdAt(),
        network.egress.view(row.egress()));
  }

  private static String domain(NetworkRow network) {
    return network.name() + ".internal";
  }

  /// The full name of who has a seat.
  static String host(NetworkRow network, SeatRow seat) {
    return seat.name() + "." + domain(network);
  }

  static List<MemberView> members(Memory memory, LiveNetwork network) {
    return network.seats.values().stream()
        .sorted(Comparator.comparing(SeatRow::v4))
        .map(seat -> member(memory, network, seat))
        .toList();
  }

  private static MemberView member(Memory memory, LiveNetwork network, SeatRow seat) {
    LiveNode node = memory.node(seat.node());
    String member = seat.member();
    return new MemberView(
        seat.holder(),
        seat.kind().name(),
        seat.name(),
        host(network.row, seat),
        seat.v4(),
        seat.v6(),
        seat.fixed(),
        member != null,
        seat.node(),
        node == null ? null : node.name(),
        task(seat),
        member == null ? null : network.egress.view(member));
  }

  private static @Nullable TaskId task(SeatRow seat) {
    String member = seat.member();
    return switch (seat.kind()) {
      case TASK -> new TaskId(seat.holder());
      case RESERVED -> member == null ? null : RunId.parse(member).task();
      case NODE, DEVICE, GATE -> null;
    };
  }

  static TaskAddress address(LiveNetwork network, SeatRow seat) {
    return new TaskAddress(network.row.name(), seat.v4(), seat.v6(), host(network.row, seat));
  }
}
