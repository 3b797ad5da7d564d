package io.atoll.p2p.transfer;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.PlainText;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.Stream;
import io.atoll.p2p.transfer.Transfer.State;
import io.atoll.p2p.transport.Deadline;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One file on its way out: a thread that hashes it, offers it, sends it, and begins again with a
/// pause when the stream is lost, until the receiver has it, refuses it, or it is withdrawn.
final class Outgoing {
  /// What is on disk of it.
  ///
  /// @param modified time of the file's last change when it was hashed
  /// @param sha256 null until it was hashed
  /// @param ended DONE or FAILED; null before
  record Row(
      PeerId peer,
      List<String> addresses,
      String offer,
      String file,
      String name,
      long size,
      String modified,
      @Nullable String sha256,
      @Nullable State ended,
      @Nullable ErrorCode code,
      @Nullable String detail,
      Instant createdAt,
      Instant changedAt) {
    Row hashed(String hash) {
      return new Row(
          peer,
          addresses,
          offer,
          file,
          name,
          size,
          modified,
          hash,
          null,
          null,
          null,
          createdAt,
          Instant.now());
    }

    Row at(List<String> others) {
      return new Row(
          peer, others, offer, file, name, size, modified, sha256, ended, code, detail, createdAt,
          changedAt);
    }

    Row ended(State state, @Nullable ErrorCode why, String text) {
      return new Row(
          peer,
          addresses,
          offer,
          file,
          name,
          size,
          modified,
          sha256,
          state,
          why,
          text,
          createdAt,
          Instant.now());
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(Outgoing.class);
  private static final Duration DIAL = Duration.ofSeconds(10);
  private static final Duration LAST_WORD = Duration.ofSeconds(5);
  private static final long FIRST_PAUSE_MILLIS = 200;

  private final String id;
  private final Host host;
  private final TransferLimits limits;
  private final StateFolder<Row> rows;
  private final Thread thread;
  private volatile long done;
  private volatile boolean cancelled;

  // Under the lock of this object.
  private Row row;
  private State state;
  private String detail = "";

  Outgoing(String id, Row row, Host host, TransferLimits limits, StateFolder<Row> rows) {
    this.id = id;
    this.row = row;
    this.host = host;
    this.limits = limits;
    this.rows = rows;
    this.state = row.ended() != null ? row.ended() : State.WAITING;
    this.done = row.ended() == State.DONE ? row.size() : 0;
    this.thread = Thread.ofVirtual().name("send " + id).unstarted(this::keep);
  }

  void start() {
    if (!view().state().ended()) {
      thread.start();
    }
  }

  synchronized Transfer view() {
    String said = row.ended() != null && row.detail() != null ? row.detail() : detail;
    String hash = row.sha256();
    return new Transfer(
        id,
        Transfer.Direction.OUT,
        row.peer(),
        row.name(),
        row.size(),
        done,
        state,
        row.code(),
        said,
        Path.of(row.file()),
        hash == null ? "" : hash,
        row.createdAt(),
        row.changedAt());
  }

  /// Whether it carries this very file to this peer, and still does.
  synchronized boolean carries(PeerId peer, Path file) {
    return !state.ended() && row.peer().equals(peer) && row.file().equals(file.toString());
  }

  synchronized void reachableAt(List<String> addresses) throws IOException {
    if (!addresses.isEmpty() && !addresses.equals(row.addresses())) {
      row = row.at(addresses);
      rows.write(id, row);
    }
  }

  /// Gives it up; the receiver is told if it is there.
  void cancel() throws InterruptedException {
    cancelled = true;
    thread.interrupt();
    thread.join(LAST_WORD.plusSeconds(1));
    end(State.FAILED, ErrorCode.GONE, "withdrawn");
  }

  /// Stops for now; it goes on at the next start.
  void close() {
    thread.interrupt();
  }

  private synchronized void be(State next, String why) {
    if (!state.ended()) {
      state = next;
      detail = why;
    }
  }

  private synchronized void end(State last, @Nullable ErrorCode code, String why) {
    if (state.ended()) {
      return;
    }
    row = row.ended(last, code, why);
    state = last;
    try {
      rows.write(id, row);
    } catch (IOException e) {
      LOG.warn("the end of transfer {} could not be noted: {}", id, e.getMessage());
    }
  }

  private synchronized Row row() {
    return row;
  }

  private void keep() {
    try {
      Offer offer = offer();
      long pause = FIRST_PAUSE_MILLIS;
      long progress = System.nanoTime();
      long best = -1;
      while (!view().state().ended()) {
        try {
          attempt(offer);
        } catch (IOException e) {
          if (cancelled || Thread.interrupted()) {
            return;
          }
          if (view().state() != State.WAITING) {
            progress = System.nanoTime(); // the peer was there
          }
          be(State.WAITING, PlainText.line(String.valueOf(e.getMessage()), 300));
        }
        if (done > best) {
          best = done;
          progress = System.nanoTime();
          pause = FIRST_PAUSE_MILLIS;
        }
        if (System.nanoTime() - progress > limits.giveUp().toNanos()) {
          throw new TransferFailure(
              ErrorCode.UNREACHABLE, "given up without progress: " + view().detail());
        }
        if (!view().state().ended()) {
          Thread.sleep(pause / 2 + ThreadLocalRandom.current().nextLong(pause / 2 + 1));
          pause = Math.min(pause * 2, limits.longestPause().toMillis());
        }
      }
    } catch (TransferFailure e) {
      end(State.FAILED, e.code(), e.text());
    } catch (InterruptedException e) {
      // withdrawn, or the daemon ends
    }
  }

  private Offer offer() throws TransferFailure, InterruptedException {
    Row now = row();
    Path file = Path.of(now.file());
    String hash = now.sha256();
    if (hash == null) {
      be(State.HASHING, "");
      checkUnchanged(now, file);
      try {
        hash = RunningHash.of(file, now.size(), read -> done = read);
        done = 0;
      } catch (java.nio.channels.ClosedByInterruptException e) {
        throw new InterruptedException("interrupted while hashing");
      } catch (IOException e) {
        throw TransferFailure.of(e, "cannot read " + file);
      }
      checkUnchanged(now, file);
      synchronized (this) {
        row = row.hashed(hash);
        try {
          rows.write(id, row);
        } catch (IOException e) {
          throw TransferFailure.of(e, "cannot note transfer " + id);
        }
      }
      be(State.WAITING, "");
    }
    return new Offer(now.offer(), now.name(), now.size(), hash);
  }

  private static void checkUnchanged(Row row, Path file) throws TransferFailure {
    try {
      if (Files.size(file) != row.size()
          || !Files.getLastModifiedTime(file).toString().equals(row.modified())) {
        throw new TransferFailure(
            ErrorCode.CONFLICT, row.name() + " was changed at the sender since it was offered");
      }
    } catch (java.nio.file.NoSuchFileException e) {
      throw new TransferFailure(ErrorCode.NOT_FOUND, row.name() + " is at the sender no more");
    } catch (IOException e) {
      throw TransferFailure.of(e, "cannot read " + file);
    }
  }

  private void attempt(Offer offer) throws IOException, TransferFailure, InterruptedException {
    Row now = row();
    checkUnchanged(now, Path.of(now.file()));
    host.connect(now.peer(), now.addresses(), DIAL);
    try (Stream stream = host.open(now.peer(), Transfers.PROTOCOL)) {
      Wire wire = new Wire(stream.in(), stream.out());
      try (Answers answers = new Answers(wire, stream)) {
        converse(offer, stream, wire, answers);
      } catch (TransferFailure e) {
        lastWord(stream, wire, e.message());
        throw e;
      } catch (IOException | InterruptedException e) {
        if (cancelled) {
          lastWord(stream, wire, new Message.Refuse(ErrorCode.GONE, "the sender withdrew it"));
        } else {
          stream.reset();
        }
        throw e;
      }
    }
  }

  private static void lastWord(Stream stream, Wire wire, Message.Refuse message) {
    var _ = Thread.interrupted(); // or nothing could be written
    try (var _ = new Deadline(LAST_WORD, stream::reset)) {
      wire.write(message);
    } catch (IOException e) {
      LOG.debug("the receiver could not be told: {}", e.getMessage());
    }
  }

  private void converse(Offer offer, Stream stream, Wire wire, Answers answers)
      throws IOException, TransferFailure, InterruptedException {
    wire.write(new Message.Offered(offer));
    Message said = answers.next(limits.firstAnswer());
    while (true) {
      switch (said) {
        case Message.Pending() -> be(State.OFFERED, "");
        case Message.Accept(long offset) -> {
          if (offset < 0 || offset > offer.size()) {
            throw new IOException("the receiver asked for bytes that there are not");
          }
          be(State.MOVING, "");
          send(offer, stream, wire, answers, offset);
        }
        case Message.Done() -> {
          done = offer.size();
          end(State.DONE, null, "");
          return;
        }
        case Message.Refuse(ErrorCode code, String text) -> {
          if (code == ErrorCode.TOO_MANY_REQUESTS || code == ErrorCode.NOT_READY) {
            throw new IOException("the receiver cannot take offers now: " + text);
          }
          end(State.FAILED, code, "the receiver said: " + text);
          return;
        }
        case Message.Offered _, Message.Data _, Message.End _ ->
            throw new IOException("the receiver said what only a sender says");
      }
      said = answers.next();
    }
  }

  /// Sends from `offset` to the end, or until the receiver says something.
  private void send(Offer offer, Stream stream, Wire wire, Answers answers, long offset)
      throws IOException, TransferFailure, InterruptedException {
    Row now = row();
    Path path = Path.of(now.file());
    long at = offset;
    done = at;
    try (FileChannel file = open(path);
        var watch = new StallWatch(limits.stall(), stream::reset)) {
      ByteBuffer buffer = ByteBuffer.allocateDirect(Wire.HEAD + Wire.CHUNK);
      while (at < offer.size() && !answers.waiting()) {
        int wanted = (int) Math.min(Wire.CHUNK, offer.size() - at);
        int count =
            read(file, buffer.clear().position(Wire.HEAD).limit(Wire.HEAD + wanted), at, path);
        if (count <= 0) {
          checkUnchanged(now, path);
          throw new IOException("the file ended early");
        }
        watch.begin();
        wire.writeData(buffer.flip().position(Wire.HEAD));
        watch.end();
        at += count;
        done = at;
      }
    }
    checkUnchanged(now, path);
    if (at == offer.size()) {
      be(State.MOVING, "the receiver checks it");
      wire.write(new Message.End(offer.sha256()));
    }
  }

  private static FileChannel open(Path path) throws TransferFailure {
    try {
      return FileChannel.open(path, StandardOpenOption.READ);
    } catch (IOException e) {
      throw TransferFailure.of(e, "cannot read " + path);
    }
  }

  private static int read(FileChannel file, ByteBuffer into, long at, Path path)
      throws TransferFailure, InterruptedException {
    try {
      return file.read(into, at);
    } catch (java.nio.channels.ClosedByInterruptException e) {
      throw new InterruptedException("interrupted while reading");
    } catch (IOException e) {
      throw TransferFailure.of(e, "cannot read " + path);
    }
  }
}
