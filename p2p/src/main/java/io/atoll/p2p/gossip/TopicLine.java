package io.atoll.p2p.gossip;

import io.atoll.p2p.gossip.machine.GossipMessage;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The way from the machine to a reader, in order, on a thread of its own. A reader that is too
/// slow misses messages; nobody waits for it.
final class TopicLine implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(TopicLine.class);
  private static final int MAX_WAITING = 1024;

  private final TopicReader reader;
  private final BlockingQueue<GossipMessage> waiting = new ArrayBlockingQueue<>(MAX_WAITING);
  private final AtomicLong missed = new AtomicLong();
  private final Thread thread;

  TopicLine(String topic, TopicReader reader) {
    this.reader = reader;
    this.thread = Thread.ofVirtual().name("gossip " + topic).start(this::run);
  }

  TopicReader reader() {
    return reader;
  }

  void deliver(GossipMessage message) {
    if (!waiting.offer(message) && missed.incrementAndGet() == 1) {
      log.warn("the reader of {} is too slow, and misses messages", message.topic());
    }
  }

  private void run() {
    try {
      while (true) {
        GossipMessage next = waiting.take();
        try {
          reader.accept(next);
        } catch (RuntimeException e) {
          log.warn("the reader of {} failed: {}", next.topic(), e.toString());
        }
      }
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
