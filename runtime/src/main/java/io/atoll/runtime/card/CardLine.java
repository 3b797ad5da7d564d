package io.atoll.runtime.card;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.os.Descriptor;
import io.atoll.core.os.Errno;
import io.atoll.core.os.PassedDescriptors;
import io.atoll.core.term.NetworkId;
import io.atoll.core.term.RunId;
import io.atoll.runtime.driver.CardEnd;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.NetworkCard;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// One question to whoever keeps a run's cards, on a connection of its own.
public final class CardLine implements AutoCloseable {
  private static final int HELLO = 1;
  private static final int CARD_IS = 5;
  private static final int ADDRESSED = 6;
  private static final int CARD = 18;
  private static final int ADDRESS = 19;

  /// From which version on keepers answer.
  private static final int KNOWS_CARDS = 2;

  private static final int MILLIS = 10_000;
  private static final int LARGEST = 4096;

  private final RunId run;
  private final PassedDescriptors line;
  private final ByteBuffer in = ByteBuffer.allocate(2 * LARGEST).limit(0);
  private final List<Descriptor> passed = new ArrayList<>();

  private CardLine(RunId run, PassedDescriptors line) {
    this.run = run;
    this.line = line;
  }

  /// Asks for a card, and waits a moment for one that is only being made.
  ///
  /// @param socket where the keeper listens
  /// @throws DriverException NOT_FOUND if there is no such card
  /// @throws IOException if nobody is there, or says anything
  public static CardEnd.Device device(Path socket, RunId run, NetworkId network)
      throws DriverException, IOException {
    return apart(() -> ask(socket, run, network));
  }

  private static CardEnd.Device ask(Path socket, RunId run, NetworkId network)
      throws DriverException, IOException {
    long until = System.nanoTime() + MILLIS * 1_000_000L;
    while (true) {
      try (CardLine line = new CardLine(run, PassedDescriptors.connect(socket))) {
        int error = line.ask(CARD, network.text(), CARD_IS);
        if (error == 0) {
          return new CardEnd.Device(line.only());
        }
        if (error != Errno.EAGAIN || System.nanoTime() > until) {
          throw noCard(run, network);
        }
      }
      LockSupport.parkNanos(2_000_000);
    }
  }

  /// The one descriptor that somebody hands to whoever connects, with a byte beside it.
  public static Descriptor handedOver(Path socket) throws IOException {
    try {
      return apart(() -> receive(socket));
    } catch (DriverException e) {
      throw new IllegalStateException("nobody was asked", e);
    }
  }

  private static Descriptor receive(Path socket) throws IOException {
    try (PassedDescriptors from = PassedDescriptors.connect(socket)) {
      List<Descriptor> came = from.receive(MILLIS).descriptors();
      if (came.size() == 1) {
        return came.getFirst();
      }
      came.forEach(Descriptor::close);
      throw new IOException(socket + " handed over " + came.size() + " descriptors");
    }
  }

  /// Gives a card other addresses: the new ones are there before the old ones go.
  ///
  /// @throws DriverException NOT_FOUND if there is no such card
  /// @throws IOException if nobody is there, or says anything
  public static void readdress(Path socket, RunId run, NetworkCard card)
      throws DriverException, IOException {
    apart(() -> tell(socket, run, card));
  }

  private static boolean tell(Path socket, RunId run, NetworkCard card)
      throws DriverException, IOException {
    try (CardLine line = new CardLine(run, PassedDescriptors.connect(socket))) {
      int error = line.ask(ADDRESS, CardText.word(card), ADDRESSED);
      if (error == Errno.ENOENT) {
        throw noCard(run, card.network());
      }
      if (error != 0) {
        throw new DriverException(
            ErrorCode.INTERNAL,
            "the address of "
                + card.device()
                + " of run "
                + run
                + " was not changed (errno "
                + error
                + ")",
            "it may have both now, the old one and the new one; try again");
      }
      return true;
    }
  }

  /// A native call that waits holds its thread, so it is none that others need. It has a limit of
  /// time by itself; an interrupt comes after it, or a descriptor would be nobody's.
  private static <T> T apart(Callable<T> question) throws DriverException, IOException {
    FutureTask<T> task = new FutureTask<>(question);
    Thread.ofPlatform().daemon().name("card").start(task);
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return task.get();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case DriverException refused -> throw refused;
        case IOException silent -> throw silent;
        case null, default -> throw new IllegalStateException("asking for a card", e.getCause());
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static DriverException noCard(RunId run, NetworkId network) {
    return new DriverException(
        ErrorCode.NOT_FOUND,
        "run " + run + " has no card of network " + network,
        "a payload gets its cards when it starts");
  }

  /// @return the number of the error, 0 for none
  private int ask(int question, String text, int answer) throws DriverException, IOException {
    ByteBuffer hello = frame(HELLO);
    if (hello.remaining() < 1 || hello.get(0) < KNOWS_CARDS) {
      throw new DriverException(
          ErrorCode.NOT_FOUND,
          "run " + run + " is kept by a program of an older Atoll, which knows no cards",
          "start the task again");
    }
    byte[] words = text.getBytes(UTF_8);
    line.say(
        ByteBuffer.allocate(4 + words.length)
            .put((byte) question)
            .put((byte) 0)
            .putShort((short) words.length)
            .put(words)
            .array());
    ByteBuffer said = frame(answer);
    if (said.remaining() < 1) {
      throw new IOException("an answer without a word");
    }
    return said.get(0);
  }

  /// The next frame of that type; others are skipped.
  private ByteBuffer frame(int wanted) throws IOException {
    while (true) {
      ByteBuffer body = next(wanted);
      if (body != null) {
        return body;
      }
    }
  }

  private @Nullable ByteBuffer next(int wanted) throws IOException {
    need(4);
    int type = in.get(in.position());
    int length = Short.toUnsignedInt(in.getShort(in.position() + 2));
    if (length > LARGEST - 4) {
      throw new IOException("a message of " + length + " bytes is none of a keeper");
    }
    need(4 + length);
    ByteBuffer body = in.slice(in.position() + 4, length);
    in.position(in.position() + 4 + length);
    return type == wanted ? body : null;
  }

  private void need(int bytes) throws IOException {
    while (in.remaining() < bytes) {
      PassedDescriptors.Passed came = line.receive(MILLIS);
      passed.addAll(came.descriptors());
      in.compact().put(came.bytes()).flip();
    }
  }

  private Descriptor only() throws IOException {
    if (passed.size() != 1) {
      throw new IOException("a card came with " + passed.size() + " descriptors");
    }
    return passed.removeFirst();
  }

  /// Whatever was handed over and not taken is closed.
  @Override
  public void close() {
    passed.forEach(Descriptor::close);
    line.close();
  }
}
