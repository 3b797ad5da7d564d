package io.atoll.runtime.microvm;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.atoll.core.term.Exit;
import io.atoll.core.term.OutputChunk.Stream;
import io.atoll.runtime.guest.GuestFrame;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Optional;

/// What a guest's agent says.
sealed interface AgentMessage {
  enum Phase {
    WAITING,
    RUNNING,
    ENDED
  }

  record Welcome(long nonce, Phase phase, long outputEnd) implements AgentMessage {}

  /// @param data valid until the next message is read
  record Output(long offset, Stream stream, ByteBuffer data) implements AgentMessage {}

  record Started() implements AgentMessage {}

  /// A card has its new addresses.
  ///
  /// @param number of the request
  /// @param errno 0, or why it has not
  record Moved(int number, int errno) implements AgentMessage {}

  /// @param at by the guest's clock, which is set from ours
  /// @param cpuNanos of the payload, as the guest's clock counts; -1 unknown
  record Ended(Exit exit, Instant at, long outputEnd, long cpuNanos, long memoryPeak)
      implements AgentMessage {}

  /// Empty if it is of a type that is not known here, or nonsense.
  static Optional<AgentMessage> of(GuestFrame frame) {
    ByteBuffer body = frame.body();
    return switch (frame.type()) {
      case AgentType.WELCOME ->
          body.remaining() == 17 && body.get(8) >= 0 && body.get(8) < Phase.values().length
              ? Optional.of(
                  new Welcome(body.getLong(0), Phase.values()[body.get(8)], body.getLong(9)))
              : Optional.empty();
      case AgentType.OUTPUT -> {
        if (body.remaining() < 10 || body.getLong(0) < 0) {
          yield Optional.empty();
        }
        Stream stream = body.get(8) == 2 ? Stream.STDERR : Stream.STDOUT;
        yield Optional.of(new Output(body.getLong(0), stream, body.slice(9, body.remaining() - 9)));
      }
      case AgentType.STARTED -> Optional.of(new Started());
      case AgentType.EXIT -> ended(body);
      case AgentType.MOVED ->
          body.remaining() == 5
              ? Optional.of(new Moved(body.getInt(0), body.get(4) & 0xff))
              : Optional.empty();
      default -> Optional.empty();
    };
  }

  private static Optional<AgentMessage> ended(ByteBuffer body) {
    if (body.remaining() < 40) {
      return Optional.empty();
    }
    byte[] text = new byte[Math.min(body.remaining() - 40, 400)];
    body.get(40, text);
    String detail = new String(text, UTF_8);
    int code = body.getInt(4) & 0xff;
    Exit exit =
        switch (body.get(0)) {
          case 1 -> new Exit(Exit.Cause.EXITED, code, "");
          case 2 -> new Exit(Exit.Cause.SIGNALED, code, "");
          case 3 -> new Exit(Exit.Cause.OUT_OF_MEMORY, code, "it used more memory than its limit");
          case 4 -> new Exit(Exit.Cause.STOPPED, code, "");
          case 6 -> new Exit(Exit.Cause.START_FAILED, code, detail);
          default -> Exit.lost("the guest ended in a way that is not known here");
        };
    return Optional.of(
        new Ended(
            exit,
            Instant.ofEpochSecond(0, Math.max(0, body.getLong(32))),
            Math.max(0, body.getLong(8)),
            body.getLong(16),
            body.getLong(24)));
  }
}
