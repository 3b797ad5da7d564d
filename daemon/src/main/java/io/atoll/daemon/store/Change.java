package io.atoll.daemon.store;

import io.atoll.client.api.EventView;
import io.atoll.core.audit.AuditFact;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.NetworkId;
import io.atoll.core.term.TaskId;
import java.time.Instant;

/// One change of the durable state. `Put…` writes a row whole, new or in place of the old one.
public sealed interface Change {
  record PutTask(TaskRow task) implements Change {}

  /// Removes the task, its runs and its events. What nodes still have to forget is said apart, by
  /// `PutForget`.
  record DeleteTask(TaskId task) implements Change {}

  record PutRun(RunRow run) implements Change {}

  record PutNode(NodeRow node) implements Change {}

  record DeleteNode(PeerId node) implements Change {}

  record PutKey(KeyRow key) implements Change {}

  record PutInvite(InviteRow invite) implements Change {}

  record PutNetwork(NetworkRow network) implements Change {}

  /// Removes the network, its seats and the keys of its nodes.
  record DeleteNetwork(NetworkId network) implements Change {}

  record PutSeat(SeatRow seat) implements Change {}

  record DeleteSeat(NetworkId network, String holder) implements Change {}

  record PutNodeKey(NodeKeyRow key) implements Change {}

  record DeleteNodeKey(NetworkId network, PeerId node) implements Change {}

  record PutNote(NoteRow note) implements Change {}

  record DeleteNote(String space, String id) implements Change {}

  /// Remembers the answer to a request with an `Idempotency-Key`.
  ///
  /// @param keyId the app's key
  /// @param idempotencyKey what the caller sent
  /// @param bodyHash of the request, to tell a repeat from a misuse
  record PutIdempotency(
      String keyId, String idempotencyKey, String bodyHash, TaskId task, Instant expires)
      implements Change {}

  /// A deleted task's leftovers on a node; removed again by `Forgotten`.
  record PutForget(PeerId node, TaskId task) implements Change {}

  record Forgotten(PeerId node, TaskId task) implements Change {}

  /// The highest epoch given out so far. It never goes down: a lower one changes nothing.
  record PutEpoch(Epoch epoch) implements Change {}

  /// Set while a restored store has not heard from every provider yet; see `StoreMeta`.
  record PutRestored(boolean restored) implements Change {}

  /// Appends to the record of who did what. Nothing is ever removed from it.
  record Audit(AuditFact fact) implements Change {}

  /// Appends to the history; `event.seq()` is ignored, the store gives it.
  record Append(EventView event) implements Change {}
}
