package io.atoll.runtime.guest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.json.Json;
import io.atoll.core.term.MacAddress;
import io.atoll.core.term.NetworkId;
import io.atoll.core.term.RunId;
import io.atoll.runtime.driver.CardEnd;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.NetworkCard;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/// The network cards of one guest, in the order of its devices. Each is a QEMU network device whose
/// frames come and go as datagrams, by a pair of unix sockets in one folder: `netN` is QEMU's own,
/// to `netN.host` it sends. Neither needs the other to be there, so QEMU and daemon come and go as
/// they like; no program of the host has a network device, a route or a right for it.
public record GuestCards(List<NetworkCard> cards) {
  /// With one more they are as many as a device has functions.
  public static final int MOST = 7;

  public static final GuestCards NONE = new GuestCards(List.of());

  private static final String FILE = "cards";

  public GuestCards {
    cards = List.copyOf(cards);
  }

  /// Those of a run, as its task asks for them.
  public static GuestCards of(RunId run, List<NetworkCard> cards) throws DriverException {
    long networks = cards.stream().map(NetworkCard::network).distinct().count();
    if (cards.size() > MOST || networks < cards.size()) {
      throw new DriverException(
          ErrorCode.BAD_REQUEST,
          "run " + run + " is to have " + cards.size() + " cards in " + networks + " networks",
          "a guest is at most in " + MOST + " networks, once in each");
    }
    return new GuestCards(cards);
  }

  /// The value of QEMU's `-netdev`.
  ///
  /// @param folder as QEMU sees it; empty: where it stands
  public static String netdev(int number, String folder) {
    String guest = ((folder.isEmpty() ? "" : folder + "/") + guest(number)).replace(",", ",,");
    return "dgram,id=%s,local.type=unix,local.path=%s,remote.type=unix,remote.path=%s"
        .formatted(guest(number), guest, guest + HERE);
  }

  /// The same, for QMP's `netdev_add` of a QEMU that stands in the folder.
  public static ObjectNode netdev(int number) {
    ObjectNode net = Json.mapper().createObjectNode();
    net.put("type", "dgram").put("id", guest(number));
    net.putObject("local").put("type", "unix").put("path", guest(number));
    net.putObject("remote").put("type", "unix").put("path", guest(number) + HERE);
    return net;
  }

  /// What every guest finds as its cards' addresses before it is told its own: so a copy of a
  /// template begins with what the template had, and knows which is which.
  public static MacAddress unnamed(int number) {
    return new MacAddress(0x0200_0000_0000L + number + 1);
  }

  private static final String HERE = ".host";

  private static String guest(int number) {
    return "net" + number;
  }

  public int count() {
    return cards.size();
  }

  /// @param folder as this process sees it
  /// @throws DriverException NOT_FOUND if there is no card of that network
  public CardEnd end(RunId run, NetworkId network, Path folder) throws DriverException {
    String guest = guest(number(run, network));
    return new CardEnd.Frames(folder.resolve(guest + HERE), folder.resolve(guest));
  }

  private int number(RunId run, NetworkId network) throws DriverException {
    for (int i = 0; i < cards.size(); i++) {
      if (cards.get(i).network().equals(network)) {
        return i;
      }
    }
    throw new DriverException(
        ErrorCode.NOT_FOUND,
        "run " + run + " has no card of network " + network,
        "a guest gets its cards when it starts");
  }

  /// The same, with other addresses in one network, and a way out of it or none. Whatever else the
  /// card says stays.
  public GuestCards moved(RunId run, NetworkCard wanted) throws DriverException {
    int number = number(run, wanted.network());
    List<NetworkCard> all = new ArrayList<>(cards);
    NetworkCard moved = cards.get(number).at(wanted.v4(), wanted.v6());
    all.set(number, moved.leaving(wanted.leaves()));
    return new GuestCards(all);
  }

  /// Those that were written to a run's folder; none if none were.
  public static GuestCards read(Path folder) throws IOException {
    try {
      return Json.read(Files.readAllBytes(folder.resolve(FILE)), GuestCards.class);
    } catch (NoSuchFileException e) {
      return NONE;
    }
  }

  /// Returns once they are on the disk.
  public void write(Path folder) throws IOException {
    Path draft = folder.resolve(FILE + ".new");
    try (FileChannel file =
        FileChannel.open(
            draft,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(Json.bytes(this));
      while (bytes.hasRemaining()) {
        file.write(bytes);
      }
      file.force(true);
    }
    Files.move(draft, folder.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
  }
}
