package io.atoll.p2p.transfer;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.PlainText;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.Stream;
import io.atoll.p2p.transport.Deadline;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Files that this node sends and takes. What was begun is kept in a folder, and goes on when this
/// is opened again. Every failure of a call is an `AtollException`.
public final class Transfers implements AutoCloseable {
  public static final String PROTOCOL = "/atoll/file/1.0.0";

  private static final Logger LOG = LoggerFactory.getLogger(Transfers.class);
  private static final Duration SWEEP = Duration.ofSeconds(30);
  private static final int MOST_OUT = 128;
  private static final int ID_CHARACTERS = 12;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Host host;
  private final TransferLimits limits;
  private final StateFolder<Outgoing.Row> outRows;
  private final StateFolder<Incoming.Row> inRows;
  private final Thread sweeper;

  // Under the lock of this object.
  private final Map<String, Outgoing> out = new LinkedHashMap<>();
  private final Map<String, Incoming> in = new LinkedHashMap<>();

  private Transfers(Path folder, Host host, TransferLimits limits) throws IOException {
    this.host = host;
    this.limits = limits;
    this.outRows = new StateFolder<>(folder.resolve("out"), Outgoing.Row.class);
    this.inRows = new StateFolder<>(folder.resolve("in"), Incoming.Row.class);
    this.sweeper = Thread.ofVirtual().name("transfers").unstarted(this::sweep);
  }

  /// Serves the protocol, and goes on with what was begun before.
  ///
  /// @param folder for its state; of nobody else
  public static Transfers open(Path folder, Host host, TransferLimits limits) throws IOException {
    Transfers transfers = new Transfers(folder, host, limits);
    transfers.find();
    host.handle(PROTOCOL, transfers::serve);
    transfers.sweeper.start();
    return transfers;
  }

  private synchronized void find() throws IOException {
    for (var entry : inRows.all().entrySet()) {
      in.put(entry.getKey(), Incoming.found(entry.getKey(), entry.getValue(), limits, inRows));
    }
    for (var entry : outRows.all().entrySet()) {
      Outgoing found = new Outgoing(entry.getKey(), entry.getValue(), host, limits, outRows);
      out.put(entry.getKey(), found);
      found.start();
    }
  }

  /// Sends a file; what is sent to this peer already just goes on.
  ///
  /// @param addresses where to dial the peer; none = only over a connection that there is
  public Transfer send(Path file, PeerId peer, List<String> addresses) {
    if (peer.equals(host.id())) {
      throw new AtollException(
          ErrorCode.BAD_REQUEST,
          "cannot send " + file + " to " + peer + ": that is this node itself",
          "copy it with the system's own means");
    }
    try {
      Path whole = file.toRealPath();
      if (!Files.isRegularFile(whole)) {
        throw new AtollException(
            ErrorCode.BAD_REQUEST,
            "cannot send " + file + ": it is no file",
            "a folder is sent as a tar of it");
      }
      String name = String.valueOf(whole.getFileName());
      FileName.check(name);
      synchronized (this) {
        for (Outgoing known : out.values()) {
          if (known.carries(peer, whole)) {
            known.reachableAt(addresses);
            return known.view();
          }
        }
        if (out.values().stream().filter(o -> !o.view().state().ended()).count() >= MOST_OUT) {
          throw new AtollException(
              ErrorCode.TOO_MANY_REQUESTS,
              "cannot send " + file + ": " + MOST_OUT + " files are on their way",
              "wait for them, or give some up");
        }
        Outgoing fresh = fresh(whole, name, peer, addresses);
        fresh.start();
        return fresh.view();
      }
    } catch (IllegalArgumentException e) {
      throw new AtollException(
          ErrorCode.BAD_REQUEST, "cannot send " + file + ": " + e.getMessage(), "rename it", e);
    } catch (IOException e) {
      TransferFailure failure = TransferFailure.of(e, "cannot read " + file);
      boolean missing = e instanceof java.nio.file.NoSuchFileException;
      throw new AtollException(
          missing ? ErrorCode.NOT_FOUND : failure.code(),
          failure.text(),
          "check the path, and that the daemon's user may read it",
          e);
    }
  }

  private synchronized Outgoing fresh(Path file, String name, PeerId peer, List<String> addresses)
      throws IOException {
    byte[] random = new byte[16];
    RANDOM.nextBytes(random);
    String offer = Offer.hex(random);
    String id = id(host.id(), offer);
    Instant now = Instant.now();
    Outgoing.Row row =
        new Outgoing.Row(
            peer,
            List.copyOf(addresses),
            offer,
            file.toString(),
            name,
            Files.size(file),
            Files.getLastModifiedTime(file).toString(),
            null,
            null,
            null,
            null,
            now,
            now);
    outRows.write(id, row);
    Outgoing fresh = new Outgoing(id, row, host, limits, outRows);
    out.put(id, fresh);
    return fresh;
  }

  /// The same text at both ends; no sender can make that of another.
  private static String id(PeerId sender, String offer) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest((sender + " " + offer).getBytes(StandardCharsets.UTF_8));
      return Offer.hex(hash).substring(0, ID_CHARACTERS);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /// All that are known, oldest first.
  public List<Transfer> list() {
    List<Transfer> all = new ArrayList<>();
    synchronized (this) {
      out.values().forEach(transfer -> all.add(transfer.view()));
      in.values().forEach(transfer -> all.add(transfer.view()));
    }
    all.sort(Comparator.comparing(Transfer::createdAt));
    return all;
  }

  public Transfer get(String id) {
    Outgoing sent;
    Incoming taken;
    synchronized (this) {
      sent = out.get(id);
      taken = in.get(id);
    }
    if (sent != null) {
      return sent.view();
    }
    if (taken != null) {
      return taken.view();
    }
    throw unknown(id);
  }

  private static AtollException unknown(String id) {
    return new AtollException(
        ErrorCode.NOT_FOUND,
        "there is no transfer " + PlainText.line(id, 40),
        "see `atoll receive` and `atoll receive --sent`");
  }

  /// Takes what a peer offers into a folder; returns when that is on disk, not when it is there.
  public Transfer accept(String id, Path folder) {
    Incoming taken;
    synchronized (this) {
      taken = in.get(id);
    }
    if (taken == null) {
      throw unknown(id);
    }
    Path whole;
    try {
      whole = folder.toRealPath();
      if (!Files.isDirectory(whole)) {
        throw new AtollException(
            ErrorCode.BAD_REQUEST,
            "cannot take a file into " + folder + ": it is no folder",
            "name a folder with --to");
      }
    } catch (IOException e) {
      TransferFailure failure = TransferFailure.of(e, "cannot take a file into " + folder);
      throw new AtollException(
          ErrorCode.BAD_REQUEST, failure.text(), "name a folder that there is with --to", e);
    }
    taken.accept(whole);
    return taken.view();
  }

  /// Refuses an offer, gives up what is on its way, forgets what has ended.
  public void remove(String id) throws InterruptedException {
    Outgoing sent;
    Incoming taken;
    synchronized (this) {
      sent = out.get(id);
      taken = in.get(id);
    }
    if (sent == null && taken == null) {
      throw unknown(id);
    }
    if (sent != null) {
      if (sent.view().state().ended()) {
        forgetOut(id);
      } else {
        sent.cancel();
      }
    }
    if (taken != null && (!taken.cancel() || taken.neverAccepted())) {
      forgetIn(id);
    }
  }

  private synchronized void forgetOut(String id) {
    try {
      outRows.remove(id);
      out.remove(id);
    } catch (IOException e) {
      LOG.warn("transfer {} could not be forgotten: {}", id, e.getMessage());
    }
  }

  private synchronized void forgetIn(String id) {
    try {
      inRows.remove(id);
      in.remove(id);
    } catch (IOException e) {
      LOG.warn("transfer {} could not be forgotten: {}", id, e.getMessage());
    }
  }

  private void serve(Stream stream) throws IOException, InterruptedException {
    Wire wire = new Wire(stream.in(), stream.out());
    Message first;
    try (var _ = new Deadline(limits.firstAnswer(), stream::reset)) {
      first = wire.read();
    } catch (Wire.BadOffer e) {
      wire.write(new Message.Refuse(ErrorCode.BAD_REQUEST, String.valueOf(e.getMessage())));
      return;
    }
    if (!(first instanceof Message.Offered(Offer offer))) {
      wire.write(new Message.Refuse(ErrorCode.BAD_REQUEST, "a sender begins with its offer"));
      return;
    }
    Incoming taken = known(stream.remote(), offer);
    if (taken == null) {
      wire.write(
          new Message.Refuse(
              ErrorCode.TOO_MANY_REQUESTS, "too many offers wait for a decision here"));
      return;
    }
    if (!taken.is(offer)) {
      wire.write(new Message.Refuse(ErrorCode.CONFLICT, "another file was offered under this id"));
      return;
    }
    taken.serve(stream, wire);
    if (taken.neverAccepted()) {
      synchronized (this) {
        in.remove(taken.view().id(), taken); // its sender withdrew it, or its owner refused it
      }
    }
  }

  /// @return null if it is new, and there are too many
  private synchronized @Nullable Incoming known(PeerId sender, Offer offer) {
    String id = id(sender, offer.id());
    Incoming known = in.get(id);
    if (known != null) {
      return known;
    }
    int all = 0;
    int ofPeer = 0;
    for (Incoming other : in.values()) {
      Transfer view = other.view();
      if (view.state() == Transfer.State.OFFERED) {
        all++;
        ofPeer += view.peer().equals(sender) ? 1 : 0;
      }
    }
    if (all >= limits.offers() || ofPeer >= limits.offersOfPeer()) {
      return null;
    }
    Incoming fresh = new Incoming(id, Incoming.Row.offered(sender, offer), limits, inRows);
    in.put(id, fresh);
    return fresh;
  }

  private void sweep() {
    try {
      while (true) {
        Thread.sleep(SWEEP);
        tidy(Instant.now());
      }
    } catch (InterruptedException e) {
      // closed
    }
  }

  /// Drops offers whose sender is gone, fails what waits for too long, forgets what ended long ago.
  synchronized void tidy(Instant now) {
    in.values().removeIf(offer -> offer.abandoned(now.minus(limits.forgotten())));
    in.values().stream()
        .filter(taken -> taken.waitsSince(now.minus(limits.giveUp())))
        .forEach(Incoming::expire);
    ended(in.values().stream().map(Incoming::view).toList()).forEach(this::forgetIn);
    ended(out.values().stream().map(Outgoing::view).toList()).forEach(this::forgetOut);
  }

  /// Those that have ended beyond as many as are remembered, oldest first.
  private List<String> ended(List<Transfer> all) {
    List<String> ids =
        all.stream()
            .filter(transfer -> transfer.state().ended())
            .sorted(Comparator.comparing(Transfer::changedAt))
            .map(Transfer::id)
            .toList();
    return ids.subList(0, Math.max(0, ids.size() - limits.ended()));
  }

  /// Stops; everything goes on when it is opened again.
  @Override
  public void close() {
    sweeper.interrupt();
    List<Outgoing> sent;
    List<Incoming> taken;
    synchronized (this) {
      sent = List.copyOf(out.values());
      taken = List.copyOf(in.values());
    }
    sent.forEach(Outgoing::close);
    taken.forEach(Incoming::close);
  }
}
