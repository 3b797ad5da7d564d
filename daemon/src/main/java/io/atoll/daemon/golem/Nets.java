package io.atoll.daemon.golem;

import io.atoll.client.api.NetworkView;
import io.atoll.client.api.NodeView;
import io.atoll.client.request.JsonFields;
import io.atoll.client.request.NetMapping;
import io.atoll.client.request.Shown;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Cidr;
import io.atoll.core.term.IpAddress;
import io.atoll.daemon.gate.HubGates;
import io.atoll.daemon.hub.ForeignDesk;
import io.atoll.daemon.hub.HubApi;
import io.atoll.daemon.store.KeyRow;
import io.atoll.daemon.store.SeatRow;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Golem's Net API: networks, a key's own addresses, nodes. A network made here belongs to the key
/// that made it; one made in the hub's own words, to every key, as there.
public final class Nets {
  /// @param gateway null if its maker named none
  public record Net(String id, String ip, String mask, @Nullable String gateway) {}

  public record Address(String ip) {}

  public record Node(String id, String ip) {}

  /// What a node's id in a network may mean.
  private sealed interface Who {
    /// The caller.
    record Requestor() implements Who {}

    /// @param id as Golem writes it: the seat's holder
    record Provider(String id) implements Who {}
  }

  private final HubApi hub;
  private final Shelf<NetNote> notes;
  private final Shelf<AgreementNote> agreements;
  private final SecureRandom random = new SecureRandom();

  Nets(HubApi hub, Shelf<NetNote> notes, Shelf<AgreementNote> agreements) {
    this.hub = hub;
    this.notes = notes;
    this.agreements = agreements;
  }

  /// The holder of the seat that a key has as a node.
  private static String self(String keyId) {
    return HubGates.memberOf(keyId, "node");
  }

  /// The holder of the seat that a key has taken as an address.
  private static String address(String keyId, IpAddress ip) {
    return HubGates.memberOf(keyId, ip.toString());
  }

  private ForeignDesk desk() {
    return hub.foreign();
  }

  /// The id under which a key is a node of networks.
  public String requestor(String keyId) {
    return NodeIds.requestor(desk().hub(), keyId);
  }

  /// @param body `{ip, mask, gateway?}`; whether a gateway is inside, nobody asks
  /// @throws AtollException BAD_REQUEST; CONFLICT if another network of this key has the addresses
  public Net create(String keyId, byte[] body) throws InterruptedException {
    JsonFields fields = JsonFields.read(body);
    fields.text("id"); // Clients send an empty one.
    String ip = required(fields, "ip");
    String mask = fields.text("mask");
    String gateway = fields.text("gateway");
    fields.done();
    Cidr block = block(ip, mask);
    String asked =
        gateway == null || gateway.isBlank() ? null : plain(gateway, "gateway").toString();
    for (NetNote note : notes.all()) {
      if (note.keyId().equals(keyId) && isAt(note.id(), block)) {
        throw new AtollException(
            ErrorCode.CONFLICT,
            block + " is the block of network " + note.id(),
            "remove that network first, or take another block");
      }
    }
    byte[] name = new byte[5];
    random.nextBytes(name);
    NetworkView made =
        hub.createNetwork(
            new NetMapping.Wanted("golem-" + HexFormat.of().formatHex(name), block, false));
    notes.put(made.id().text(), new NetNote(made.id().text(), keyId, asked, false, false));
    return net(made);
  }

  private boolean isAt(String network, Cidr block) {
    return hub.networks().stream()
        .anyMatch(one -> one.id().text().equals(network) && one.v4().overlaps(block));
  }

  public List<Net> list(String keyId) {
    return hub.networks().stream()
        .filter(one -> notes.get(one.id().text()).map(n -> n.keyId().equals(keyId)).orElse(true))
        .map(this::net)
        .toList();
  }

  public Net show(String keyId, String network) {
    return net(own(keyId, network));
  }

  /// Removes it with all addresses that were kept in it.
  ///
  /// @throws AtollException CONFLICT if a task is in it that is no activity's
  public void remove(String keyId, String network) throws InterruptedException {
    String id = own(keyId, network).id().text();
    List<SeatRow> seats = desk().seats(id);
    if (seats.stream().noneMatch(seat -> seat.kind() == SeatRow.Kind.TASK)) {
      for (SeatRow seat : seats) {
        if (keyId.equals(seat.keyId())) {
          desk().leave(id, seat.holder());
        }
      }
    }
    hub.removeNetwork(id);
    notes.drop(id);
  }

  /// The caller's own addresses.
  public List<Address> addresses(String keyId, String network) {
    NetworkView view = own(keyId, network);
    List<Address> addresses = new ArrayList<>();
    if (notes.get(view.id().text()).map(NetNote::address).orElse(false)) {
      addresses.add(new Address(first(view).toString()));
    }
    for (SeatRow seat : desk().seats(view.id().text())) {
      if (seat.holder().equals(address(keyId, seat.v4()))) {
        addresses.add(new Address(seat.v4().toString()));
      }
    }
    return addresses;
  }

  /// @param body `{ip}`, also with a prefix behind it
  /// @throws AtollException CONFLICT if it is another's
  public void addAddress(String keyId, String network, byte[] body) throws InterruptedException {
    JsonFields fields = JsonFields.read(body);
    IpAddress ip = plain(required(fields, "ip"), "ip");
    fields.done();
    NetworkView view = own(keyId, network);
    NetNote note = notes.get(view.id().text()).orElse(null);
    if (note != null && ip.equals(first(view))) {
      notes.put(note.id(), note.withAddress(true));
      return;
    }
    desk().take(view.id().text(), address(keyId, ip), name("address", ip), keyId, ip);
  }

  /// @throws AtollException NOT_FOUND if it is none of the caller's
  public void removeAddress(String keyId, String network, String text) throws InterruptedException {
    IpAddress ip = plain(text, "address");
    NetworkView view = own(keyId, network);
    NetNote note = notes.get(view.id().text()).orElse(null);
    if (note != null && note.address() && ip.equals(first(view))) {
      notes.put(note.id(), note.withAddress(false));
      return;
    }
    leave(view, address(keyId, ip), keyId, "address " + ip);
  }

  /// The caller's own, and those that the caller has added.
  public List<Node> nodes(String keyId, String network) {
    NetworkView view = own(keyId, network);
    String me = requestor(keyId);
    List<Node> nodes = new ArrayList<>();
    if (notes.get(view.id().text()).map(NetNote::node).orElse(false)) {
      nodes.add(new Node(me, first(view).toString()));
    }
    for (SeatRow seat : desk().seats(view.id().text())) {
      if (seat.holder().equals(self(keyId))) {
        nodes.add(new Node(me, seat.v4().toString()));
      } else if (seat.kind() == SeatRow.Kind.RESERVED && keyId.equals(seat.keyId())) {
        nodes.add(new Node(seat.holder(), seat.v4().toString()));
      }
    }
    return nodes;
  }

  /// Keeps an address for the next activity of the caller on a node; for the caller's own id, it is
  /// where the caller's packets come from.
  ///
  /// @param body `{id, ip}`
  /// @throws AtollException CONFLICT if the address is another's, or the node has one already
  public void addNode(String keyId, String network, byte[] body) throws InterruptedException {
    JsonFields fields = JsonFields.read(body);
    String id = required(fields, "id");
    IpAddress ip = plain(required(fields, "ip"), "ip");
    fields.done();
    NetworkView view = own(keyId, network);
    String net = view.id().text();
    switch (who(keyId, id)) {
      case Who.Requestor _ -> {
        NetNote note = notes.get(net).orElse(null);
        boolean first = note != null && ip.equals(first(view));
        if (note != null && note.node() && !first) {
          throw new AtollException(
              ErrorCode.CONFLICT,
              id + " has " + first(view) + " in network " + net + " already",
              "remove the node first");
        }
        if (first && note != null) {
          if (desk().seats(net).stream().anyMatch(s -> s.holder().equals(self(keyId)))) {
            throw new AtollException(
                ErrorCode.CONFLICT,
                id + " has another address in network " + net + " already",
                "remove the node first");
          }
          notes.put(net, note.withNode(true));
        } else {
          desk().take(net, self(keyId), name("requestor", ip), keyId, ip);
        }
      }
      case Who.Provider(String provider) ->
          desk().reserve(net, provider, name("node", ip), keyId, ip);
    }
  }

  /// Gives the address back; what runs there goes on without the network.
  ///
  /// @throws AtollException NOT_FOUND if it is not in the network
  public void removeNode(String keyId, String network, String id) throws InterruptedException {
    NetworkView view = own(keyId, network);
    String net = view.id().text();
    switch (who(keyId, id)) {
      case Who.Requestor _ -> {
        NetNote note = notes.get(net).orElse(null);
        if (note != null && note.node()) {
          notes.put(net, note.withNode(false));
        } else {
          leave(view, self(keyId), keyId, "node " + id);
        }
      }
      case Who.Provider(String provider) -> leave(view, provider, keyId, "node " + id);
    }
  }

  private void leave(NetworkView view, String holder, String keyId, String what)
      throws InterruptedException {
    String net = view.id().text();
    SeatRow seat =
        desk().seats(net).stream().filter(s -> s.holder().equals(holder)).findFirst().orElse(null);
    if (seat == null) {
      throw new AtollException(
          ErrorCode.NOT_FOUND,
          what + " is not in network " + net,
          "GET …/nodes and …/addresses show who is");
    }
    if (!keyId.equals(seat.keyId())) {
      throw denied(what);
    }
    desk().leave(net, holder);
  }

  /// The address that an activity may have in a network: its agreement's, else its node's.
  ///
  /// @throws AtollException NOT_FOUND if none is kept for it
  SeatRow seatFor(AgreementNote agreement, String network) {
    String net = own(agreement.keyId(), network).id().text();
    List<SeatRow> seats = desk().seats(net);
    for (String holder : List.of(agreement.provider(), NodeIds.provider(agreement.node()))) {
      for (SeatRow seat : seats) {
        if (seat.holder().equals(holder) && agreement.keyId().equals(seat.keyId())) {
          return seat;
        }
      }
    }
    throw new AtollException(
        ErrorCode.NOT_FOUND,
        "node " + agreement.provider() + " is not in network " + net,
        "POST …/net/" + net + "/nodes first, with this id and an address");
  }

  /// The hub's network of this id.
  ///
  /// @throws AtollException NOT_FOUND if there is none, DENIED if it is another key's
  NetworkView own(String keyId, String network) {
    NetworkView view = hub.network(network);
    NetNote note = notes.get(view.id().text()).orElse(null);
    if (note != null && !note.keyId().equals(keyId)) {
      throw denied("network " + network);
    }
    return view;
  }

  /// Whether the caller may send packets from an address.
  ///
  /// @throws AtollException NOT_FOUND if it is nobody's, DENIED if it is another's
  void checkSends(String keyId, String network, IpAddress from) {
    NetworkView view = own(keyId, network);
    SeatRow seat =
        desk().seats(view.id().text()).stream()
            .filter(one -> one.v4().equals(from) || one.v6().equals(from))
            .findFirst()
            .orElseThrow(
                () ->
                    new AtollException(
                        ErrorCode.NOT_FOUND,
                        "nobody has " + from + " in network " + network,
                        "POST …/addresses takes an address; the network's first is its own, and"
                            + " nothing is sent from there"));
    if (seat.kind() != SeatRow.Kind.GATE || !keyId.equals(seat.keyId())) {
      throw new AtollException(
          ErrorCode.DENIED,
          from + " is not this key's address in network " + network,
          "GET …/addresses lists them; POST …/addresses takes one");
    }
  }

  static AtollException denied(String what) {
    return new AtollException(
        ErrorCode.DENIED, what + " belongs to another key", "ask with the key that made it");
  }

  private Who who(String keyId, String text) {
    String id = text.toLowerCase(Locale.ROOT);
    if (NodeIds.isId(id)) {
      if (id.equals(requestor(keyId))) {
        return new Who.Requestor();
      }
      for (AgreementNote note : agreements.all()) {
        if (note.provider().equals(id)) {
          if (!note.keyId().equals(keyId)) {
            throw denied("the agreement of node " + text);
          }
          return new Who.Provider(id);
        }
      }
      for (NodeView node : hub.nodes()) {
        if (NodeIds.provider(node.id()).equals(id)) {
          return new Who.Provider(id);
        }
      }
      for (KeyRow key : hub.keys()) {
        if (requestor(key.id()).equals(id)) {
          throw denied("node " + text);
        }
      }
    } else {
      for (NodeView node : hub.nodes()) {
        if (node.id().text().equals(text)) {
          return new Who.Provider(NodeIds.provider(node.id()));
        }
      }
      if (!isPeerId(text)) {
        throw new AtollException(
            ErrorCode.BAD_REQUEST,
            "id: " + Shown.quoted(text) + " is not the id of a node",
            "write a peer id, or 0x and 40 hexadecimal digits: an agreement tells its provider's");
      }
    }
    throw new AtollException(
        ErrorCode.NOT_FOUND,
        "there is no node " + text,
        "an agreement tells its provider's id, GET /me the caller's");
  }

  private static boolean isPeerId(String text) {
    try {
      return PeerId.parse(text) != null;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private Net net(NetworkView view) {
    Cidr block = view.v4();
    int mask = block.bits() == 0 ? 0 : -1 << (32 - block.bits());
    return new Net(
        view.id().text(),
        block.base().toString(),
        IpAddress.v4(mask).toString(),
        notes.get(view.id().text()).map(NetNote::gateway).orElse(null));
  }

  private static IpAddress first(NetworkView view) {
    return view.v4().base().plus(1);
  }

  private static String name(String kind, IpAddress ip) {
    return kind + "-" + ip.toString().replace('.', '-');
  }

  private static String required(JsonFields fields, String field) {
    String text = fields.text(field);
    if (text == null) {
      throw new AtollException(
          ErrorCode.BAD_REQUEST, field + ": missing", "the contract is at /openapi.json");
    }
    return text;
  }

  /// @param mask dotted; null or empty where the address has a prefix behind it, or is of a /24
  private static Cidr block(String ip, @Nullable String mask) {
    int slash = ip.indexOf('/');
    try {
      IpAddress address = IpAddress.parse(slash < 0 ? ip : ip.substring(0, slash));
      if (!address.isV4()) {
        throw new IllegalArgumentException("it is not of IPv4");
      }
      int bits = 24;
      if (mask != null && !mask.isBlank()) {
        bits = bits(mask);
      } else if (slash >= 0) {
        bits = Cidr.parse("0.0.0.0/" + ip.substring(slash + 1)).bits();
      }
      return NetMapping.block(Cidr.around(address, bits).toString());
    } catch (IllegalArgumentException e) {
      throw new AtollException(
          ErrorCode.BAD_REQUEST,
          "ip, mask: "
              + Shown.quoted(ip)
              + " with "
              + Shown.quoted(String.valueOf(mask))
              + " is no block of addresses: "
              + e.getMessage(),
          "write {\"ip\": \"192.168.7.0\", \"mask\": \"255.255.255.0\"}",
          e);
    }
  }

  private static int bits(String mask) {
    IpAddress dotted = IpAddress.parse(mask);
    if (!dotted.isV4()) {
      throw new IllegalArgumentException("the mask is not of IPv4");
    }
    int word = dotted.v4Bits();
    int bits = Integer.numberOfLeadingZeros(~word);
    if (bits < 32 && word << bits != 0) {
      throw new IllegalArgumentException("the mask has holes");
    }
    return bits;
  }

  private static IpAddress plain(String text, String field) {
    int slash = text.indexOf('/');
    try {
      IpAddress ip = IpAddress.parse(slash < 0 ? text : text.substring(0, slash));
      if (ip.isV4()) {
        return ip;
      }
    } catch (IllegalArgumentException e) {
      // answered below, as what is of another family
    }
    throw new AtollException(
        ErrorCode.BAD_REQUEST,
        field + ": " + Shown.quoted(text) + " is no address of IPv4",
        "write one such as 192.168.7.2");
  }
}
