package io.atoll.market.advert;

import com.google.protobuf.ByteString;
import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Uvarint;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.Stream;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;

/// Neighbours tell each other what they have heard: who opens a stream gets the newest
/// advertisements, each as uvarint length and bytes, and then its end. A hub that has just started
/// knows the market so before gossip comes around.
final class AdvertExchange {
  static final String PROTOCOL = "/atoll/adverts/1";

  /// In one answer: a few megabytes at most.
  private static final int MOST = 1000;

  private static final int AT_ONCE = 8;
  private static final int REMEMBERED = 1024;
  private static final Duration AGAIN = Duration.ofSeconds(2);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Host host;
  private final AdvertBook book;
  private final Semaphore answers = new Semaphore(AT_ONCE);

  /// When each peer was answered last, the newest `REMEMBERED`; guarded by itself.
  private final Map<PeerId, Long> answered =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<PeerId, Long> eldest) {
          return size() > REMEMBERED;
        }
      };

  AdvertExchange(Host host, AdvertBook book) {
    this.host = host;
    this.book = book;
  }

  void serve() {
    host.handle(PROTOCOL, this::answer);
  }

  private void answer(Stream stream) throws IOException, InterruptedException {
    if (!mayAsk(stream.remote()) || !answers.tryAcquire()) {
      return;
    }
    try (var _ = limit(stream)) {
      OutputStream out = new BufferedOutputStream(stream.out(), 16 << 10);
      for (Advert advert : book.newest(MOST, Instant.now())) {
        out.write(Uvarint.encode(advert.signed().size()));
        advert.signed().writeTo(out);
      }
      out.flush();
    } finally {
      answers.release();
    }
  }

  private boolean mayAsk(PeerId peer) {
    long now = System.nanoTime();
    synchronized (answered) {
      Long before = answered.get(peer);
      if (before != null && now - before < AGAIN.toNanos()) {
        return false;
      }
      answered.remove(peer);
      answered.put(peer, now);
      return true;
    }
  }

  /// Takes in what a connected peer has heard.
  ///
  /// @return how many were new here
  /// @throws IOException if it does not speak this protocol, or speaks it wrongly; what was right
  ///     before that is kept
  int ask(PeerId peer) throws IOException, InterruptedException {
    int fresh = 0;
    try (Stream stream = host.open(peer, PROTOCOL);
        var _ = limit(stream)) {
      InputStream in = new BufferedInputStream(stream.in(), 16 << 10);
      for (int i = 0; i < MOST; i++) {
        in.mark(1);
        if (in.read() < 0) {
          return fresh;
        }
        in.reset();
        long length = Uvarint.read(in, Advert.MAX_BYTES);
        byte[] bytes = in.readNBytes((int) length);
        if (bytes.length < length) {
          throw new IOException("the stream ended within an advertisement");
        }
        fresh += take(bytes) ? 1 : 0;
      }
      return fresh;
    }
  }

  private boolean take(byte[] bytes) throws IOException {
    try {
      Advert advert = Advert.open(ByteString.copyFrom(bytes));
      return book.take(advert, Instant.now()) == AdvertBook.Taken.NEW;
    } catch (IllegalArgumentException e) {
      throw new IOException("a neighbour passes on what is no advertisement", e);
    }
  }

  private interface Limit extends AutoCloseable {
    @Override
    void close();
  }

  /// Ends the stream if it is not through in time.
  private static Limit limit(Stream stream) {
    Thread clock =
        Thread.ofVirtual()
            .name("advert clock")
            .start(
                () -> {
                  try {
                    Thread.sleep(PATIENCE);
                    stream.reset();
                  } catch (InterruptedException inTime) {
                    Thread.currentThread().interrupt();
                  }
                });
    return clock::interrupt;
  }
}
