package io.atoll.p2p.transfer;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.PeerId;
import io.atoll.p2p.host.Stream;
import io.atoll.p2p.transfer.Transfer.State;
import io.atoll.p2p.transport.Deadline;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One file on its way in. Its newest stream is served, by the thread of that stream; nothing of it
/// is on disk before the owner accepts it.
final class Incoming {
  /// What is on disk of it once it was accepted.
  ///
  /// @param folder where it goes; null while it is only offered
  /// @param anew whether its bytes were wrong once already
  /// @param file its name, noted before it gets it; null before
  /// @param ended DONE or FAILED; null before
  record Row(
      PeerId peer,
      Offer offer,
      @Nullable String folder,
      boolean anew,
      @Nullable String file,
      @Nullable State ended,
      @Nullable ErrorCode code,
      @Nullable String detail,
      Instant createdAt,
      Instant changedAt) {
    static Row offered(PeerId peer, Offer offer) {
      Instant now = Instant.now();
      return new Row(peer, offer, null, false, null, null, null, null, now, now);
    }

    Row accepted(Path into) {
      return new Row(
          peer, offer, into.toString(), false, null, null, null, null, createdAt, Instant.now());
    }

    Row again() {
      return new Row(peer, offer, folder, true, null, null, null, null, createdAt, Instant.now());
    }

    Row named(Path target) {
      return new Row(
          peer, offer, folder, anew, target.toString(), null, null, null, createdAt, Instant.now());
    }

    Row ended(State state, @Nullable ErrorCode why, @Nullable String text) {
      return new Row(peer, offer, folder, anew, file, state, why, text, createdAt, Instant.now());
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(Incoming.class);
  private static final Duration TAKEOVER = Duration.ofSeconds(10);
  private static final Duration SHORT = Duration.ofSeconds(5);

  private final String id;
  private final TransferLimits limits;
  private final StateFolder<Row> rows;
  private final Semaphore turn = new Semaphore(1);
  private volatile long done;

  // Under the lock of this object.
  private Row row;
  private State state;
  private String detail = "";
  private @Nullable Stream current;
  private @Nullable Wire wire;
  private Instant seen = Instant.now();

  Incoming(String id, Row row, TransferLimits limits, StateFolder<Row> rows) {
    this.id = id;
    this.row = row;
    this.limits = limits;
    this.rows = rows;
    this.state = State.OFFERED;
  }

  /// One that an earlier process accepted.
  static Incoming found(String id, Row row, TransferLimits limits, StateFolder<Row> rows)
      throws IOException {
    Incoming found = new Incoming(id, row, limits, rows);
    found.goOn();
    return found;
  }

  private synchronized void goOn() throws IOException {
    String file = row.file();
    State last = row.ended();
    if (last == null && file != null && wasNamed(Path.of(file))) {
      row = row.ended(State.DONE, null, null);
      rows.write(id, row);
      last = State.DONE;
    }
    state = last == null ? State.WAITING : last;
    detail = "the sender is not there";
    done = last == State.DONE ? row.offer().size() : PartialFile.length(partial());
  }

  /// Whether the process died between naming the file and noting that.
  private boolean wasNamed(Path file) throws IOException {
    Path partial = partial();
    if (!Files.isRegularFile(file)) {
      return false;
    }
    if (!Files.exists(partial)) {
      return Files.size(file) == row.offer().size();
    }
    if (Files.isSameFile(file, partial)) {
      Files.delete(partial);
      return true;
    }
    return false;
  }

  private synchronized Path partial() {
    String folder = row.folder();
    if (folder == null) {
      throw new IllegalStateException("transfer " + id + " was not accepted");
    }
    return PartialFile.beside(Path.of(folder), id);
  }

  synchronized Transfer view() {
    String file = row.file();
    String said = row.ended() != null ? row.detail() : detail;
    return new Transfer(
        id,
        Transfer.Direction.IN,
        row.peer(),
        row.offer().name(),
        row.offer().size(),
        done,
        state,
        row.code(),
        said == null ? "" : said,
        state == State.DONE && file != null ? Path.of(file) : null,
        row.offer().sha256(),
        row.createdAt(),
        row.changedAt());
  }

  synchronized boolean is(Offer offer) {
    return row.offer().equals(offer);
  }

  /// Whether it is an offer, and nobody is there who makes it.
  synchronized boolean abandoned(Instant before) {
    return state == State.OFFERED && current == null && seen.isBefore(before);
  }

  /// Whether it ended as an offer: nothing of it is to be remembered.
  synchronized boolean neverAccepted() {
    return state.ended() && row.folder() == null;
  }

  /// Whether it waits for its sender since then.
  synchronized boolean waitsSince(Instant before) {
    return state == State.WAITING && seen.isBefore(before) && row.changedAt().isBefore(before);
  }

  /// @throws AtollException if it cannot be taken there
  void accept(Path folder) {
    synchronized (this) {
      if (state != State.OFFERED) {
        throw new AtollException(
            ErrorCode.CONFLICT,
            "transfer " + id + " was accepted already: it is " + state,
            "see `atoll receive`");
      }
      try {
        Path target = folder.resolve(row.offer().name());
        if (Files.exists(target, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
          throw new AtollException(
              ErrorCode.CONFLICT,
              "there is " + target + " already",
              "take it to another folder with --to, or move that file away");
        }
        long room = Files.getFileStore(folder).getUsableSpace();
        if (room < row.offer().size()) {
          throw new AtollException(
              ErrorCode.DISK_FULL,
              "%s needs %d bytes, and the disk of %s has %d left"
                  .formatted(row.offer().name(), row.offer().size(), folder, room),
              "make room, or take it to another folder with --to");
        }
        Row accepted = row.accepted(folder);
        rows.write(id, accepted);
        row = accepted;
      } catch (IOException e) {
        TransferFailure failure = TransferFailure.of(e, "cannot take a file into " + folder);
        throw new AtollException(
            failure.code(), failure.text(), "name another folder with --to", e);
      }
      state = State.WAITING;
      detail = "the sender is not there";
      begin();
    }
  }

  /// Tells the sender, if it is there, from where to send.
  private synchronized void begin() {
    Wire to = wire;
    Stream over = current;
    if (to == null || over == null) {
      return;
    }
    Path partial = partial();
    done = PartialFile.length(partial);
    try (var _ = new Deadline(SHORT, over::reset)) {
      if (done > row.offer().size()) {
        Files.delete(partial);
        done = 0;
      }
      state = State.MOVING;
      detail = "";
      to.write(new Message.Accept(done));
    } catch (IOException e) {
      over.reset(); // the sender comes back
    }
  }

  /// Refuses an offer, or gives a transfer up.
  ///
  /// @return false if it had ended before
  boolean cancel() {
    Stream over;
    Wire to;
    synchronized (this) {
      if (state.ended()) {
        return false;
      }
      over = current;
      to = wire;
      end(State.FAILED, ErrorCode.DENIED, "refused");
    }
    if (over != null && to != null) {
      // The sender ends the stream when it has read this; to end it here might outrun the word.
      var _ = new Deadline(SHORT, over::reset);
      try {
        to.write(new Message.Refuse(ErrorCode.DENIED, "refused by its owner"));
      } catch (IOException e) {
        over.reset();
      }
    }
    if (turn.tryAcquire()) {
      clear();
      turn.release();
    }
    return true;
  }

  /// Fails it: the sender did not come back.
  void expire() {
    fail(new TransferFailure(ErrorCode.UNREACHABLE, "the sender did not come back"));
    clear();
  }

  /// Stops for now; it goes on at the next start.
  synchronized void close() {
    if (current != null) {
      current.reset();
    }
  }

  /// Serves one stream of its sender, in place of the one before, until that ends.
  void serve(Stream stream, Wire over) throws IOException, InterruptedException {
    Stream before;
    synchronized (this) {
      before = current;
      current = stream;
      wire = null;
    }
    if (before != null) {
      before.reset();
    }
    if (!turn.tryAcquire(TAKEOVER.toSeconds(), TimeUnit.SECONDS)) {
      over.write(new Message.Refuse(ErrorCode.NOT_READY, "another stream of it is still served"));
      return;
    }
    try {
      if (greet(stream, over)) {
        take(stream, over);
      }
    } catch (TransferFailure e) {
      fail(e);
      clear();
      try (var _ = new Deadline(SHORT, stream::reset)) {
        over.write(e.message());
      }
    } finally {
      clear();
      left(stream);
      turn.release();
    }
  }

  private synchronized void left(Stream stream) {
    if (stream.equals(current)) {
      current = null;
      wire = null;
      seen = Instant.now();
      if (state == State.MOVING) {
        state = State.WAITING;
        detail = "the sender is not there";
      }
    }
  }

  /// @return whether there is more to say
  private synchronized boolean greet(Stream stream, Wire over) throws IOException {
    if (!stream.equals(current)) {
      throw new IOException("another stream has taken its place");
    }
    switch (state) {
      case DONE -> over.write(new Message.Done());
      case FAILED -> {
        ErrorCode code = row.code();
        over.write(
            new Message.Refuse(
                code == null ? ErrorCode.INTERNAL : code, String.valueOf(row.detail())));
      }
      case OFFERED -> {
        wire = over;
        over.write(new Message.Pending());
      }
      case HASHING, WAITING, MOVING -> {
        wire = over;
        begin();
      }
    }
    return !state.ended();
  }

  private void take(Stream stream, Wire over)
      throws IOException, TransferFailure, InterruptedException {
    PartialFile partial = null;
    var watch = new StallWatch(limits.stall(), stream::reset);
    try {
      while (true) {
        Message said = over.read();
        if (view().state() == State.OFFERED && !(said instanceof Message.Refuse)) {
          throw new ProtocolException("the sender did not wait to be accepted");
        }
        switch (said) {
          case Message.Data(int count) -> {
            partial = partial == null ? PartialFile.open(partial()) : partial;
            if (partial.length() + count > view().size()) {
              throw new TransferFailure(
                  ErrorCode.BAD_REQUEST,
                  "the sender sent more than the " + view().size() + " bytes that it offered");
            }
            watch.begin();
            partial.append(over.in(), count);
            watch.end();
            done = partial.length();
          }
          case Message.End _ -> {
            partial = partial == null ? PartialFile.open(partial()) : partial;
            if (finish(partial, over)) {
              return;
            }
          }
          case Message.Refuse(ErrorCode code, String text) -> {
            fail(new TransferFailure(code, "the sender said: " + text));
            return;
          }
          case Message.Offered _, Message.Pending _, Message.Accept _, Message.Done _ ->
              throw new ProtocolException("the sender said what only a receiver says");
        }
        if (view().state().ended()) {
          return; // its owner gave it up
        }
      }
    } finally {
      watch.close();
      if (partial != null) {
        partial.close();
      }
    }
  }

  /// @return whether it is there; false if it is sent anew
  private boolean finish(PartialFile partial, Wire over)
      throws IOException, TransferFailure, InterruptedException {
    Offer offer = row().offer();
    if (partial.length() != offer.size()) {
      throw new TransferFailure(
          ErrorCode.BAD_REQUEST,
          "the sender ended after %d of the %d bytes that it offered"
              .formatted(partial.length(), offer.size()));
    }
    if (!partial.hash().equals(offer.sha256())) {
      if (row().anew()) {
        throw new TransferFailure(
            ErrorCode.CONFLICT,
            "what arrived, twice, has not the SHA-256 that was offered: the file was changed, or"
                + " damaged on its way");
      }
      save(row().again());
      partial.startAnew();
      done = 0;
      over.write(new Message.Accept(0));
      return false;
    }
    partial.force();
    place(offer);
    over.write(new Message.Done());
    return true;
  }

  private void place(Offer offer) throws TransferFailure {
    Path partial = partial();
    Path folder = Path.of(String.valueOf(row().folder()));
    Path target;
    do {
      if (view().state().ended()) {
        return; // its owner gave it up at the last moment
      }
      target = PartialFile.free(folder, offer.name());
      save(row().named(target));
    } while (!PartialFile.name(partial, target));
    end(State.DONE, null, null);
  }

  private synchronized Row row() {
    return row;
  }

  private synchronized void save(Row next) throws TransferFailure {
    if (state.ended()) {
      return;
    }
    try {
      rows.write(id, next);
      row = next;
    } catch (IOException e) {
      throw TransferFailure.of(e, "cannot note transfer " + id);
    }
  }

  private void fail(TransferFailure failure) {
    end(State.FAILED, failure.code(), failure.text());
  }

  private synchronized void end(State last, @Nullable ErrorCode code, @Nullable String text) {
    if (state.ended()) {
      return;
    }
    row = row.ended(last, code, text);
    state = last;
    if (row.folder() == null) {
      return; // only what was accepted is written
    }
    try {
      rows.write(id, row);
    } catch (IOException e) {
      LOG.warn("the end of transfer {} could not be noted: {}", id, e.getMessage());
    }
  }

  /// Removes what there is of a file that failed. Only by who serves it, or while nobody does.
  private void clear() {
    Row now = row();
    if (now.ended() == State.FAILED && now.folder() != null) {
      try {
        Files.deleteIfExists(partial());
      } catch (IOException e) {
        LOG.warn("{} could not be removed: {}", partial(), e.getMessage());
      }
    }
  }
}
