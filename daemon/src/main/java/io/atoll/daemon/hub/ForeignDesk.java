package io.atoll.daemon.hub;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.IpAddress;
import io.atoll.daemon.store.NoteRow;
import io.atoll.daemon.store.SeatRow;
import java.util.List;
import java.util.Set;

/// What those who speak another vocabulary may ask of a hub beside `HubApi`. Failures and the disk
/// as there; networks are named by id or name.
public interface ForeignDesk {
  /// The hub's own peer id.
  PeerId hub();

  /// The drivers of a node that put payloads in networks; none for a node that is not known.
  Set<String> networked(PeerId node);

  /// Who has an address in a network, by address.
  List<SeatRow> seats(String network);

  /// Keeps an address for tasks of a key that ask for it; one at a time sits there. Once more
  /// changes nothing.
  ///
  /// @param holder its id among the network's seats
  /// @param name what it is called there
  void reserve(String network, String holder, String name, String keyId, IpAddress v4)
      throws InterruptedException;

  /// Takes an address for packets that a key sends and receives through this hub. Once more
  /// changes nothing.
  void take(String network, String holder, String name, String keyId, IpAddress v4)
      throws InterruptedException;

  /// Gives an address back; a task that sits there goes on without.
  void leave(String network, String holder) throws InterruptedException;

  /// All of a space, by id.
  List<NoteRow> notes(String space);

  void keep(NoteRow note) throws InterruptedException;

  void drop(String space, String id) throws InterruptedException;
}
