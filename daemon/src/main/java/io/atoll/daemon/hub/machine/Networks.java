package io.atoll.daemon.hub.machine;

import io.atoll.client.api.TaskSpec;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Cidr;
import io.atoll.core.term.IpAddress;
import io.atoll.core.term.NetworkId;
import io.atoll.core.term.RunId;
import io.atoll.daemon.store.Change;
import io.atoll.daemon.store.NetworkRow;
import io.atoll.daemon.store.SeatRow;
import io.atoll.vpn.network.AddressPlan;
import io.atoll.vpn.network.Egress;
import io.atoll.vpn.network.Membership;
import io.atoll.vpn.network.Network;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Private networks and the seats in them. A task has its seats, and so its addresses, from when it
/// was submitted until it has ended; packets reach it there while it has an open run.
final class Networks {
  /// WireGuard over IPv6 over Ethernet: 1500 − 40 − 8 − 32.
  private static final int MTU = 1420;

  /// The most networks of a hub.
  private static final int MOST = 4096;

  private final Memory memory;

  /// Nodes that had a seat taken from them in this step.
  private final Map<NetworkId, Set<PeerId>> perhapsLeft = new TreeMap<>();

  Networks(Memory memory) {
    this.memory = memory;
  }

  void create(Step step, HubEvent.CreateNetwork event) {
    if (memory.networkNames.containsKey(event.name())) {
      step.fail(
          event.ticket(),
          ErrorCode.CONFLICT,
          "a network called " + event.name() + " exists",
          "choose another name; see it: atoll net show " + event.name());
      return;
    }
    if (memory.networks.size() >= MOST) {
      step.fail(
          event.ticket(),
          ErrorCode.NO_CAPACITY,
          "this hub has " + MOST + " networks, and makes no more",
          "remove some: atoll net list, atoll net remove NAME");
      return;
    }
    Cidr v4 = event.v4();
    LiveNetwork other = v4 == null || !event.allProviders() ? null : overlapping(v4);
    if (other != null) {
      step.fail(
          event.ticket(),
          ErrorCode.CONFLICT,
          v4
              + " overlaps "
              + other.row.v4()
              + " of network "
              + other.row.name()
              + ", in which all providers' machines are, too",
          "name another block with --cidr, or none to get one that is free");
      return;
    }
    try {
      Cidr block =
          v4 == null
              ? AddressPlan.block(memory.networks.values().stream().map(n -> n.row.v4()).toList())
              : v4;
      NetworkRow row =
          new NetworkRow(
              event.id(),
              event.name(),
              event.owner(),
              block,
              MTU,
              event.allProviders(),
              0,
              step.now.wall(),
              Egress.NONE);
      LiveNetwork network = new LiveNetwork(row);
      memory.networks.put(row.id(), network);
      memory.networkNames.put(row.name(), row.id());
      step.change(new Change.PutNetwork(row));
      step.event("network.created", null, null, null, row.name() + " " + block);
      if (row.allProviders()) {
        memory.nodes.values().forEach(node -> seatNode(step, network, node));
      }
      step.reply(event.ticket(), new Answer.Done());
    } catch (AtollException e) {
      step.fail(event.ticket(), e.code(), e.text(), e.hint());
    }
  }

  /// The host of a provider cannot be in two networks of the same addresses.
  private @Nullable LiveNetwork overlapping(Cidr block) {
    return memory.networks.values().stream()
        .filter(one -> one.row.allProviders() && one.row.v4().overlaps(block))
        .findFirst()
        .orElse(null);
  }

  void remove(Step step, HubEvent.RemoveNetwork event) {
    LiveNetwork network = find(step, event.ticket(), event.network());
    if (network == null) {
      return;
    }
    List<String> tasks =
        network.seats.values().stream()
            .filter(seat -> seat.kind() == SeatRow.Kind.TASK || sitter(seat, null) != null)
            .map(SeatRow::name)
            .toList();
    if (!tasks.isEmpty()) {
      step.fail(
          event.ticket(),
          ErrorCode.CONFLICT,
          "network " + network.row.name() + " is in use by " + some(tasks),
          "stop them first: atoll stop " + tasks.getFirst());
      return;
    }
    memory.networks.remove(network.row.id());
    memory.networkNames.remove(network.row.name());
    step.change(new Change.DeleteNetwork(network.row.id()));
    step.event("network.removed", null, null, null, network.row.name());
    step.removed(network);
    step.reply(event.ticket(), new Answer.Done());
  }

  private static String some(List<String> tasks) {
    return tasks.size() <= 3
        ? String.join(", ", tasks)
        : String.join(", ", tasks.subList(0, 3)) + " and " + (tasks.size() - 3) + " more";
  }

  /// Gives a seat to what is no task.
  void takeSeat(Step step, HubEvent.TakeSeat event) {
    LiveNetwork network = find(step, event.ticket(), event.network());
    if (network == null) {
      return;
    }
    SeatRow known = network.seats.get(event.holder());
    if (known != null && known.kind() == event.kind() && event.node().equals(known.node())) {
      step.reply(event.ticket(), new Answer.Done());
      return;
    }
    if (known != null || network.isNamed(event.name(), event.holder())) {
      step.fail(
          event.ticket(),
          ErrorCode.CONFLICT,
          "somebody is called " + event.name() + " in network " + network.row.name(),
          "choose another name; atoll net members " + network.row.name());
      return;
    }
    try {
      // Whoever asks for an address asks for a low one.
      IpAddress v4 =
          event.v4() == null && event.kind() == SeatRow.Kind.GATE
              ? network.highestFree()
              : event.v4();
      SeatRow seat =
          seat(network, event.kind(), event.holder(), event.name(), v4)
              .with(event.holder(), event.node());
      put(step, network, seat);
      step.reply(event.ticket(), new Answer.Done());
    } catch (AtollException e) {
      step.fail(event.ticket(), e.code(), e.text(), e.hint());
    }
  }

  /// Keeps an address for a key.
  void reserveSeat(Step step, HubEvent.ReserveSeat event) {
    LiveNetwork network = find(step, event.ticket(), event.network());
    if (network == null) {
      return;
    }
    SeatRow.Kind kind = event.node() == null ? SeatRow.Kind.RESERVED : SeatRow.Kind.GATE;
    SeatRow known = network.seats.get(event.holder());
    boolean again =
        known != null
            && known.kind() == kind
            && known.v4().equals(event.v4())
            && event.keyId().equals(known.keyId());
    if (again) {
      step.reply(event.ticket(), new Answer.Done());
      return;
    }
    if (known != null || network.isNamed(event.name(), event.holder())) {
      step.fail(
          event.ticket(),
          ErrorCode.CONFLICT,
          (known != null ? event.holder() : event.name())
              + " has an address in network "
              + network.row.name()
              + " already",
          "remove it first, or choose another; atoll net members " + network.row.name());
      return;
    }
    try {
      SeatRow seat = seat(network, kind, event.holder(), event.name(), event.v4(), event.keyId());
      put(step, network, event.node() == null ? seat : seat.with(event.holder(), event.node()));
      step.reply(event.ticket(), new Answer.Done());
    } catch (AtollException e) {
      step.fail(event.ticket(), e.code(), e.text(), e.hint());
    }
  }

  /// The task that sits in a reserved seat or waits to.
  private @Nullable LiveTask sitter(SeatRow seat, @Nullable LiveTask besides) {
    if (seat.kind() != SeatRow.Kind.RESERVED) {
      return null;
    }
    return memory.tasks.values().stream()
        .filter(task -> task != besides && !task.spec.networks().isEmpty())
        .filter(task -> seatsOf(task).contains(seat))
        .findFirst()
        .orElse(null);
  }

  /// Takes the seat of what is no task.
  void leaveSeat(Step step, HubEvent.LeaveSeat event) {
    LiveNetwork network = find(step, event.ticket(), event.network());
    if (network == null) {
      return;
    }
    SeatRow seat = network.find(event.holder()).orElse(null);
    if (seat == null || seat.kind() == SeatRow.Kind.TASK) {
      step.fail(
          event.ticket(),
          seat == null ? ErrorCode.NOT_FOUND : ErrorCode.CONFLICT,
          seat == null
              ? "nobody is called " + event.holder() + " in network " + network.row.name()
              : event.holder() + " is a task, and leaves the network when it ends",
          "atoll net members " + network.row.name() + " shows who is in it");
      return;
    }
    drop(step, network, seat);
    step.reply(event.ticket(), new Answer.Done());
  }

  /// Gives a member another address.
  void move(Step step, HubEvent.MoveMember event) {
    LiveNetwork network = find(step, event.ticket(), event.network());
    if (network == null) {
      return;
    }
    SeatRow seat = network.find(event.member()).orElse(null);
    if (seat == null) {
      step.fail(
          event.ticket(),
          ErrorCode.NOT_FOUND,
          "nobody is called " + event.member() + " in network " + network.row.name(),
          "atoll net members " + network.row.name() + " shows who is in it");
      return;
    }
    if (seat.kind() == SeatRow.Kind.DEVICE) {
      step.fail(
          event.ticket(),
          ErrorCode.CONFLICT,
          "device " + seat.name() + " has " + seat.v4() + " in its configuration",
          "remove it and invite it again; atoll net devices " + network.row.name());
      return;
    }
    if (seat.kind() == SeatRow.Kind.RESERVED) {
      step.fail(
          event.ticket(),
          ErrorCode.CONFLICT,
          seat.v4() + " is kept for tasks that ask for it in network " + network.row.name(),
          "keep another address for them, and give this one back");
      return;
    }
    if (seat.v4().equals(event.v4())) {
      if (!seat.fixed()) {
        put(step, network, seat.at(seat.v4(), seat.v6()));
      }
      step.reply(event.ticket(), new Answer.Done());
      return;
    }
    String cannot = cannotMove(seat);
    if (cannot != null) {
      step.fail(
          event.ticket(),
          ErrorCode.DRIVER_CANNOT,
          cannot,
          "stop it and run it anew with --net " + network.row.name() + "=" + event.v4());
      return;
    }
    try {
      List<IpAddress> pair = network.free(event.v4());
      put(step, network, seat.at(pair.get(0), pair.get(1)));
      step.event(
          "network.moved",
          null,
          seat.node(),
          null,
          seat.name() + " in " + network.row.name() + " from " + seat.v4() + " to " + event.v4());
      step.reply(event.ticket(), new Answer.Done());
    } catch (AtollException e) {
      step.fail(event.ticket(), e.code(), e.text(), e.hint());
    }
  }

  /// Says what may leave a network from now on.
  void egress(Step step, HubEvent.SetEgress event) {
    LiveNetwork network = find(step, event.ticket(), event.network());
    if (network == null) {
      return;
    }
    if (!event.egress().equals(network.row.egress())) {
      step.touch(network);
      network.row = network.row.withEgress(event.egress());
      network.touchEgress();
      step.event(
          "network.egress",
          null,
          null,
          null,
          network.row.name() + ": " + event.egress().rules().size() + " rules");
    }
    step.reply(event.ticket(), new Answer.Done());
  }

  /// Why a member has to keep its address for now; null if it does not.
  private @Nullable String cannotMove(SeatRow seat) {
    LiveNode node = memory.node(seat.node());
    LiveTask task = seat.kind() == SeatRow.Kind.TASK ? task(seat) : null;
    if (node == null || task == null || seat.member() == null) {
      return null;
    }
    String driver = task.spec.workload().driver();
    return node.row.offer().readdresses(driver)
        ? null
        : "task "
            + task.label()
            + " runs by the driver "
            + driver
            + " on "
            + node.name()
            + ", which cannot give it another address while it runs";
  }

  private @Nullable LiveTask task(SeatRow seat) {
    return memory.tasks.values().stream()
        .filter(task -> task.id.text().equals(seat.holder()))
        .findFirst()
        .orElse(null);
  }

  @Nullable LiveNetwork find(Step step, long ticket, String idOrName) {
    LiveNetwork network = memory.network(idOrName);
    if (network == null) {
      step.fail(
          ticket,
          ErrorCode.NOT_FOUND,
          "there is no network '" + idOrName + "'",
          "atoll net list shows them; make one: atoll net create NAME");
    }
    return network;
  }

  /// Reserves the seats of a task that is submitted.
  ///
  /// @return whether it was refused, and that told
  boolean isRefused(Step step, long ticket, LiveTask task) {
    List<SeatRow> seats = new ArrayList<>();
    try {
      for (TaskSpec.Seat asked : task.spec.networks()) {
        LiveNetwork network = find(step, ticket, asked.network());
        if (network == null) {
          return true;
        }
        for (SeatRow other : seats) {
          LiveNetwork before = memory.networks.get(other.network());
          if (before != null && before.row.v4().overlaps(network.row.v4())) {
            throw new AtollException(
                ErrorCode.CONFLICT,
                "networks "
                    + before.row.name()
                    + " and "
                    + network.row.name()
                    + " overlap ("
                    + before.row.v4()
                    + ", "
                    + network.row.v4()
                    + "): a task cannot be in both",
                "leave one of them out");
          }
        }
        SeatRow reserved = reserved(network, task, asked);
        if (reserved != null) {
          LiveTask other = sitter(reserved, task);
          if (other != null) {
            throw new AtollException(
                ErrorCode.CONFLICT,
                "task "
                    + other.label()
                    + " has "
                    + reserved.v4()
                    + " in network "
                    + network.row.name(),
                "stop it first: atoll stop " + other.label());
          }
          seats.add(reserved);
          continue;
        }
        String name = task.label();
        if (network.isNamed(name, task.id.text())) {
          throw new AtollException(
              ErrorCode.CONFLICT,
              "somebody is called " + name + " in network " + network.row.name(),
              "choose another name; atoll net members " + network.row.name());
        }
        seats.add(seat(network, SeatRow.Kind.TASK, task.id.text(), name, asked.address()));
      }
    } catch (AtollException e) {
      step.fail(ticket, e.code(), e.text(), e.hint());
      return true;
    }
    for (SeatRow seat : seats) {
      LiveNetwork network = memory.networks.get(seat.network());
      if (network != null) {
        put(step, network, seat);
      }
    }
    return false;
  }

  private static SeatRow seat(
      LiveNetwork network,
      SeatRow.Kind kind,
      String holder,
      String name,
      @Nullable IpAddress wanted) {
    return seat(network, kind, holder, name, wanted, null);
  }

  private static SeatRow seat(
      LiveNetwork network,
      SeatRow.Kind kind,
      String holder,
      String name,
      @Nullable IpAddress wanted,
      @Nullable String keyId) {
    List<IpAddress> pair = free(network, wanted);
    return new SeatRow(
        network.row.id(),
        holder,
        kind,
        name,
        pair.get(0),
        pair.get(1),
        wanted != null,
        null,
        null,
        keyId,
        null);
  }

  /// A pair of addresses for one more.
  ///
  /// @throws AtollException if there is none
  static List<IpAddress> free(LiveNetwork network, @Nullable IpAddress wanted) {
    if (network.seats.size() >= Membership.MOST) {
      throw new AtollException(
          ErrorCode.NO_CAPACITY,
          "network "
              + network.row.name()
              + " has "
              + Membership.MOST
              + " members, which is the most",
          "make another network");
    }
    return network.free(wanted);
  }

  /// The seats of a task, in the order in which it asked for them.
  List<SeatRow> seatsOf(LiveTask task) {
    List<SeatRow> seats = new ArrayList<>();
    for (TaskSpec.Seat asked : task.spec.networks()) {
      LiveNetwork network = memory.network(asked.network());
      SeatRow seat = network == null ? null : seatOf(network, task, asked);
      if (seat != null) {
        seats.add(seat);
      }
    }
    return seats;
  }

  /// Its own, or the one that was kept for it.
  private static @Nullable SeatRow seatOf(LiveNetwork network, LiveTask task, TaskSpec.Seat asked) {
    SeatRow own = network.seats.get(task.id.text());
    return own != null ? own : reserved(network, task, asked);
  }

  private static @Nullable SeatRow reserved(
      LiveNetwork network, LiveTask task, TaskSpec.Seat asked) {
    IpAddress address = asked.address();
    return address == null
        ? null
        : network.seats.values().stream()
            .filter(seat -> seat.kind() == SeatRow.Kind.RESERVED && seat.v4().equals(address))
            .filter(seat -> task.authority.keyId().equals(seat.keyId()))
            .findFirst()
            .orElse(null);
  }

  /// A run of a task is on a node: packets for the task go there from now on.
  void entered(Step step, LiveTask task, RunId run, PeerId node) {
    for (SeatRow seat : seatsOf(task)) {
      put(step, network(seat), seat.with(run.toString(), node));
    }
  }

  /// A run has ended or is given up; the task keeps its addresses.
  void left(Step step, LiveTask task, RunId run) {
    for (SeatRow seat : seatsOf(task)) {
      if (run.toString().equals(seat.member())) {
        put(step, network(seat), seat.with(null, null));
      }
    }
  }

  /// The task has ended for good.
  void released(Step step, LiveTask task) {
    for (SeatRow seat : seatsOf(task)) {
      if (seat.kind() == SeatRow.Kind.RESERVED) {
        put(step, network(seat), seat.with(null, null));
      } else {
        drop(step, network(seat), seat);
      }
    }
  }

  /// A task was found on a node, with addresses that its order told: it has its seats again where
  /// they are free.
  void adopted(Step step, LiveTask task) {
    for (TaskSpec.Seat told : task.spec.networks()) {
      LiveNetwork network = memory.network(told.network());
      if (network == null || seatOf(network, task, told) != null) {
        continue;
      }
      try {
        put(
            step,
            network,
            seat(network, SeatRow.Kind.TASK, task.id.text(), task.label(), told.address()));
      } catch (AtollException e) {
        step.event("network.lost", task.id, null, null, e.text());
      }
    }
  }

  /// A provider joined the hub.
  void joined(Step step, LiveNode node) {
    memory.networks.values().stream()
        .filter(network -> network.row.allProviders())
        .forEach(network -> seatNode(step, network, node));
  }

  /// A provider's machine has a seat where all have; packets reach it once its owner allows that.
  private void seatNode(Step step, LiveNetwork network, LiveNode node) {
    String holder = node.id.text();
    boolean allowed = node.row.offer().hostInNetworks();
    SeatRow known = network.seats.get(holder);
    try {
      SeatRow seat =
          known != null
              ? known
              : seat(network, SeatRow.Kind.NODE, holder, nodeName(network, node), null);
      SeatRow now = allowed ? seat.with(holder, node.id) : seat.with(null, null);
      if (!now.equals(known)) {
        put(step, network, now);
      }
    } catch (AtollException e) {
      step.event("network.full", null, node.id, null, e.text());
    }
  }

  /// What a machine is called: as people call it where that can be, else by its peer id.
  private static String nodeName(LiveNetwork network, LiveNode node) {
    String name = node.name().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9-]", "-");
    String label = name.replaceAll("^-+|-+$", "");
    boolean fits = Network.isLabel(label);
    String id = node.id.text();
    return fits && !network.isNamed(label, id)
        ? label
        : "node-" + id.substring(id.length() - 12).toLowerCase(Locale.ROOT);
  }

  /// A provider was removed from the hub, and with it the door of its devices.
  void forgotten(Step step, LiveNode node) {
    for (LiveNetwork network : memory.networks.values()) {
      List.copyOf(network.seats.values()).stream()
          .filter(
              seat ->
                  seat.holder().equals(node.id.text())
                      || (seat.device() != null && node.id.equals(seat.node())))
          .forEach(seat -> drop(step, network, seat));
    }
  }

  private LiveNetwork network(SeatRow seat) {
    LiveNetwork network = memory.networks.get(seat.network());
    if (network == null) {
      throw new IllegalStateException("a seat in network " + seat.network() + ", which is gone");
    }
    return network;
  }

  void put(Step step, LiveNetwork network, SeatRow seat) {
    SeatRow before = network.seats.get(seat.holder());
    if (seat.equals(before)) {
      return;
    }
    boolean seen = seat.member() != null || (before != null && before.member() != null);
    if (seen) {
      step.touch(network);
    }
    network.seats.put(seat.holder(), seat);
    if (before != null) {
      network.touch(before);
    }
    network.touch(seat);
    step.change(new Change.PutSeat(seat));
    if (before != null) {
      left(network, before);
    }
  }

  void drop(Step step, LiveNetwork network, SeatRow seat) {
    if (seat.member() != null) {
      step.touch(network);
    }
    network.seats.remove(seat.holder());
    network.touch(seat);
    step.change(new Change.DeleteSeat(seat.network(), seat.holder()));
    left(network, seat);
  }

  /// A node without a seat may have one again before the step is over; see [#settle].
  private void left(LiveNetwork network, SeatRow before) {
    PeerId node = before.node();
    if (node != null) {
      perhapsLeft.computeIfAbsent(network.row.id(), _ -> new TreeSet<>()).add(node);
    }
  }

  /// At the end of a step. A node without a seat has no business in the network; when it comes back
  /// it has a new key. One that was never without is not told that it left, so its keys stay.
  void settle(Step step) {
    perhapsLeft.forEach(
        (id, nodes) -> {
          LiveNetwork network = memory.networks.get(id);
          if (network != null) {
            nodes.stream()
                .filter(node -> !network.hasSeatAt(node))
                .forEach(node -> forget(step, network, node));
          }
        });
    perhapsLeft.clear();
  }

  private static void forget(Step step, LiveNetwork network, PeerId node) {
    network.doors.remove(node);
    network.egress.left(node);
    if (network.keys.remove(node) != null) {
      step.touch(network);
      network.touch(null, node);
      step.change(new Change.DeleteNodeKey(network.row.id(), node));
    }
  }
}
