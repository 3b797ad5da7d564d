package io.atoll.vpn.node;

import io.atoll.core.identity.PeerId;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.Stream;
import io.atoll.p2p.transport.Deadline;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.function.Supplier;

/// Two nodes tell each other how they can be reached, over a stream of libp2p: neither needs the
/// hub for it.
final class PathExchange {
  static final String PROTOCOL = "/atoll/paths/1";
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final Host host;
  private final Predicate<PeerId> known;
  private final Supplier<News> own;
  private final BiConsumer<PeerId, News> heard;

  /// @param known with whom this node shares a network; nobody else is told anything
  PathExchange(
      Host host, Predicate<PeerId> known, Supplier<News> own, BiConsumer<PeerId, News> heard) {
    this.host = host;
    this.known = known;
    this.own = own;
    this.heard = heard;
    host.handle(PROTOCOL, this::serve);
  }

  private void serve(Stream stream) throws IOException {
    if (!known.test(stream.remote())) {
      stream.reset();
      return;
    }
    try (var _ = new Deadline(TIMEOUT, stream::reset)) {
      News theirs = News.read(read(stream.in()));
      write(stream.out(), own.get().write());
      heard.accept(stream.remote(), theirs);
    }
  }

  /// Tells a connected node, and hears of it.
  void tell(PeerId node) throws IOException, InterruptedException {
    try (Stream stream = host.open(node, PROTOCOL);
        var _ = new Deadline(TIMEOUT, stream::reset)) {
      write(stream.out(), own.get().write());
      heard.accept(node, News.read(read(stream.in())));
    }
  }

  private static void write(OutputStream out, byte[] bytes) throws IOException {
    out.write(
        ByteBuffer.allocate(2 + bytes.length).putShort((short) bytes.length).put(bytes).array());
    out.flush();
  }

  static byte[] read(InputStream in) throws IOException {
    int high = in.read();
    int low = in.read();
    int length = high << 8 | low;
    if (high < 0 || low < 0 || length > News.LONGEST) {
      throw new ProtocolException("news of " + length + " bytes");
    }
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException("the stream ended in the middle of the news");
    }
    return bytes;
  }

  void close() {
    host.unhandle(PROTOCOL);
  }
}
