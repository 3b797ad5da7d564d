package io.atoll.daemon.hub;

import io.atoll.core.identity.PeerId;
import io.atoll.core.json.Json;
import io.atoll.market.activity.ActivityProtocol;
import io.atoll.market.activity.OutputFrame;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.Stream;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The frames of one stream of output, read a few ahead by a thread of its own: whoever takes them
/// waits as long as he likes, also where the provider has stopped answering. A taker that is slow
/// slows the stream, never the run.
final class FrameFeed implements AutoCloseable {
  private static final int AHEAD = 8;

  private sealed interface Item {}

  private record Came(OutputFrame frame) implements Item {}

  private record Broke(IOException reason) implements Item {}

  private final Host host;
  private final PeerId node;
  private final OutputFrame.Request request;
  private final BlockingQueue<Item> items = new ArrayBlockingQueue<>(AHEAD);
  private final Thread thread;
  private volatile @Nullable Stream stream;
  private volatile boolean closed;

  FrameFeed(Host host, PeerId node, OutputFrame.Request request) {
    this.host = host;
    this.node = node;
    this.request = request;
    this.thread = Thread.ofVirtual().name("output " + request.run()).start(this::read);
  }

  /// The next frame; null if none came in time.
  ///
  /// @throws IOException if the stream broke; there is nothing more then
  @Nullable OutputFrame poll(Duration wait) throws IOException, InterruptedException {
    return switch (items.poll(wait.toNanos(), TimeUnit.NANOSECONDS)) {
      case null -> null;
      case Came(OutputFrame frame) -> frame;
      case Broke(IOException reason) -> throw reason;
    };
  }

  private void read() {
    try {
      try {
        DataInputStream in = open();
        while (true) {
          OutputFrame frame = OutputFrame.read(in);
          items.put(new Came(frame));
          if (frame instanceof OutputFrame.End || frame instanceof OutputFrame.Failed) {
            return;
          }
        }
      } catch (IOException e) {
        items.put(new Broke(e));
      }
    } catch (InterruptedException e) {
      // closed: nobody takes any more
      Thread.currentThread().interrupt();
    }
  }

  private DataInputStream open() throws IOException, InterruptedException {
    Stream opened = host.open(node, ActivityProtocol.OUTPUT);
    stream = opened;
    if (closed) {
      opened.reset();
    }
    byte[] asked = Json.bytes(request);
    DataOutputStream out = new DataOutputStream(opened.out());
    byte[] framed = new byte[asked.length + 2];
    framed[0] = (byte) (asked.length >>> 8);
    framed[1] = (byte) asked.length;
    System.arraycopy(asked, 0, framed, 2, asked.length);
    out.write(framed);
    out.flush();
    return new DataInputStream(new BufferedInputStream(opened.in(), 64 << 10));
  }

  @Override
  public void close() {
    closed = true;
    Stream open = stream;
    if (open != null) {
      open.reset();
    }
    thread.interrupt();
  }
}
