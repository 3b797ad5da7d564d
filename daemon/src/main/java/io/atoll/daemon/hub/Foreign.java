package io.atoll.daemon.hub;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.IpAddress;
import io.atoll.daemon.hub.machine.Answer;
import io.atoll.daemon.hub.machine.HubEvent;
import io.atoll.daemon.store.NodeRow;
import io.atoll.daemon.store.NoteRow;
import io.atoll.daemon.store.Query;
import io.atoll.daemon.store.SeatRow;
import io.atoll.daemon.store.Store;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongFunction;

/// A hub as those see it who speak another vocabulary.
final class Foreign implements ForeignDesk {
  private final PeerId hub;
  private final HubLoop loop;
  private final Store store;
  private final Map<PeerId, NodeRow> joined;

  Foreign(PeerId hub, HubLoop loop, Store store, Map<PeerId, NodeRow> joined) {
    this.hub = hub;
    this.loop = loop;
    this.store = store;
    this.joined = joined;
  }

  @Override
  public PeerId hub() {
    return hub;
  }

  @Override
  public Set<String> networked(PeerId node) {
    NodeRow row = joined.get(node);
    return row == null ? Set.of() : Set.copyOf(row.offer().networked());
  }

  @Override
  public List<SeatRow> seats(String network) {
    return loop.ask((machine, _) -> machine.seats(network))
        .orElseThrow(
            () ->
                new AtollException(
                    ErrorCode.NOT_FOUND,
                    "there is no network '" + network + "'",
                    "see `atoll net list`"));
  }

  @Override
  public void reserve(String network, String holder, String name, String keyId, IpAddress v4)
      throws InterruptedException {
    ask(t -> new HubEvent.ReserveSeat(t, network, holder, name, keyId, v4, null));
  }

  @Override
  public void take(String network, String holder, String name, String keyId, IpAddress v4)
      throws InterruptedException {
    ask(t -> new HubEvent.ReserveSeat(t, network, holder, name, keyId, v4, hub));
  }

  @Override
  public void leave(String network, String holder) throws InterruptedException {
    ask(t -> new HubEvent.LeaveSeat(t, network, holder));
  }

  @Override
  public List<NoteRow> notes(String space) {
    return store.read(new Query.Notes(space));
  }

  @Override
  public void keep(NoteRow note) throws InterruptedException {
    ask(t -> new HubEvent.KeepNote(t, note));
  }

  @Override
  public void drop(String space, String id) throws InterruptedException {
    ask(t -> new HubEvent.DropNote(t, space, id));
  }

  private void ask(LongFunction<HubEvent> event) throws InterruptedException {
    if (loop.request(event) instanceof Answer.Failed(var code, var message, var hint)) {
      throw new AtollException(code, message, hint);
    }
  }
}
