package io.atoll.runtime.microvm;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.atoll.core.os.UnixListener;
import io.atoll.runtime.guest.GuestFrame;
import io.atoll.runtime.guest.GuestFrames;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// A connection to the agent of one guest. One thread reads; any may send.
final class AgentLink implements AutoCloseable {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int ENTROPY = 64;

  private final SocketChannel channel;
  private final GuestFrames frames;

  private AgentLink(SocketChannel channel) {
    this.channel = channel;
    this.frames = new GuestFrames(channel);
  }

  static AgentLink open(Path socket) throws IOException {
    return new AgentLink(UnixListener.connect(socket));
  }

  /// Introduces us and waits, as long as it takes, for the guest to answer.
  ///
  /// @param acked how much of the output is on our disk
  AgentMessage.Welcome greet(long acked) throws IOException {
    long nonce = RANDOM.nextLong();
    ByteBuffer padding = ByteBuffer.allocate(GuestFrame.HEAD + GuestFrame.LONGEST_BODY);
    write(padding);
    send(AgentType.HELLO, 16, body -> body.putLong(nonce).putLong(acked));
    while (true) {
      if (read() instanceof AgentMessage.Welcome welcome && welcome.nonce() == nonce) {
        return welcome;
      }
    }
  }

  /// The next message that is known here.
  AgentMessage read() throws IOException {
    while (true) {
      GuestFrame frame = frames.next();
      if (frame == null) {
        throw new EOFException("QEMU closed the guest's port");
      }
      Optional<AgentMessage> message = AgentMessage.of(frame);
      if (message.isPresent()) {
        return message.get();
      }
    }
  }

  /// Starts the payload, once; with fresh entropy and the time of now.
  void start(byte[] words) throws IOException {
    int piece = GuestFrame.LONGEST_BODY - 4;
    for (int at = 0; at < words.length; at += piece) {
      int from = at;
      int length = Math.min(piece, words.length - at);
      send(AgentType.WORDS, 4 + length, body -> body.putInt(from).put(words, from, length));
    }
    byte[] entropy = new byte[ENTROPY];
    RANDOM.nextBytes(entropy);
    send(
        AgentType.START,
        4 + 8 + ENTROPY,
        body -> body.putInt(words.length).putLong(now()).put(entropy));
  }

  void ack(long offset) throws IOException {
    send(AgentType.ACK, 8, body -> body.putLong(offset));
  }

  void stop(Duration grace) throws IOException {
    int millis = Math.clamp(grace.toMillis(), 0, Integer.MAX_VALUE);
    send(AgentType.STOP, 4, body -> body.putInt(millis));
  }

  /// Gives a card other addresses.
  ///
  /// @param number comes back in the answer
  /// @param hosts what the payload's `/etc/hosts` is then
  void move(int number, String card, String hosts) throws IOException {
    byte[] text = (card + "\0" + hosts + "\0").getBytes(UTF_8);
    send(AgentType.MOVE, 4 + text.length, body -> body.putInt(number).put(text));
  }

  void clock() throws IOException {
    send(AgentType.CLOCK, 8, body -> body.putLong(now()));
  }

  private static long now() {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000_000L + now.getNano();
  }

  private interface Fill {
    void into(ByteBuffer body);
  }

  private void send(int type, int size, Fill fill) throws IOException {
    byte[] body = new byte[size];
    fill.into(ByteBuffer.wrap(body));
    write(GuestFrame.encode(type, body));
  }

  private void write(ByteBuffer bytes) throws IOException {
    synchronized (channel) {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
