package io.atoll.p2p.transport.quic;

import io.atoll.p2p.transport.BulkInput;
import io.atoll.p2p.transport.BulkOutput;
import io.atoll.p2p.transport.MuxedStream;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.quic.DefaultQuicStreamFrame;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamFrame;
import io.netty.handler.codec.quic.QuicStreamResetException;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// A QUIC stream for blocking readers and writers. The codec is asked for more only while little
/// waits for the reader, so that QUIC's own window holds the peer back.
final class QuicMuxedStream implements MuxedStream {
  private static final int READ_AHEAD = 512 << 10;
  private static final int CHUNK = 64 << 10;
  private static final int WRITE_AHEAD = 4 * CHUNK;
  private static final long LINGER_SECONDS = 60;

  private final QuicConnection connection;
  private final In in = new In();
  private final Out out = new Out();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // Under the lock.
  private final Deque<ByteBuf> ready = new ArrayDeque<>();
  private @Nullable QuicStreamChannel channel;
  private int waiting;
  private int unwritten;
  private boolean asked;
  private boolean gotFin;
  private boolean sentFin;
  private boolean ignored;
  private @Nullable IOException failure;

  QuicMuxedStream(QuicConnection connection) {
    this.connection = connection;
  }

  @Override
  public InputStream in() {
    return in;
  }

  @Override
  public OutputStream out() {
    return out;
  }

  @Override
  public void reset() {
    fail(new IOException("the stream was reset by this end"), true);
    QuicStreamChannel stream = channel();
    breakOff(stream);
  }

  @Override
  public void close() {
    out.close();
    in.close();
    QuicStreamChannel stream = channel();
    try {
      // A peer that goes on for that long is not being polite.
      var linger =
          stream.eventLoop().schedule(() -> breakOff(stream), LINGER_SECONDS, TimeUnit.SECONDS);
      stream.closeFuture().addListener(_ -> linger.cancel(false));
    } catch (RejectedExecutionException gone) {
      // There is no peer any more.
    }
  }

  /// Tells the peer that neither direction goes on.
  private static void breakOff(QuicStreamChannel stream) {
    try {
      stream
          .shutdown(0, stream.newPromise())
          .addListener(
              _ -> {
                var _ = stream.close();
              });
    } catch (RejectedExecutionException gone) {
      // There is no peer any more.
    }
  }

  ChannelHandler handler() {
    return new Events();
  }

  private QuicStreamChannel channel() {
    lock.lock();
    try {
      return Objects.requireNonNull(channel, "used before it was opened");
    } finally {
      lock.unlock();
    }
  }

  /// Only the first reason counts; what was received before a lost connection may still be read.
  private void fail(IOException reason, boolean discard) {
    lock.lock();
    try {
      if (failure == null) {
        failure = reason;
      }
      if (discard) {
        discardReady();
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void discardReady() {
    ready.forEach(ReferenceCountUtil::release);
    ready.clear();
    waiting = 0;
  }

  /// Whether the codec should be asked for more, which is then noted. Under the lock.
  private boolean wantsMore() {
    if (asked || gotFin || failure != null || waiting >= READ_AHEAD) {
      return false;
    }
    asked = true;
    return true;
  }

  /// Asks the codec for more, unless its thread is gone, and all connections with it.
  private static void ask(@Nullable QuicStreamChannel stream) {
    try {
      if (stream != null) {
        stream.read();
      }
    } catch (RejectedExecutionException gone) {
      // Whoever reads has been told.
    }
  }

  @SuppressWarnings("WaitNotInLoop") // each caller loops on its own condition
  private void await() throws InterruptedIOException {
    try {
      changed.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted on a stream");
    }
  }

  private final class In extends BulkInput {
    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      Objects.checkFromIndexSize(offset, length, into.length);
      if (length == 0) {
        return 0;
      }
      int count = 0;
      QuicStreamChannel toAsk = null;
      lock.lock();
      try {
        while (ready.isEmpty() && !gotFin && !ignored && failure == null) {
          await();
        }
        if (ready.isEmpty()) {
          if (failure != null && !gotFin) {
            throw new IOException(failure.getMessage(), failure);
          }
          return -1;
        }
        while (count < length && !ready.isEmpty()) {
          ByteBuf first = ready.getFirst();
          int part = Math.min(length - count, first.readableBytes());
          first.readBytes(into, offset + count, part);
          count += part;
          if (!first.isReadable()) {
            ready.removeFirst().release();
          }
        }
        waiting -= count;
        if (wantsMore()) {
          toAsk = channel;
        }
      } finally {
        lock.unlock();
      }
      ask(toAsk);
      return count;
    }

    @Override
    public int available() {
      lock.lock();
      try {
        return waiting;
      } finally {
        lock.unlock();
      }
    }

    /// Stops reading; the other direction goes on.
    @Override
    public void close() {
      QuicStreamChannel toAsk;
      lock.lock();
      try {
        ignored = true;
        discardReady();
        toAsk = wantsMore() ? channel : null;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
      ask(toAsk);
    }
  }

  private final class Out extends BulkOutput {
    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
      Objects.checkFromIndexSize(offset, length, from.length);
      if (length == 0) {
        claim(0);
      }
      for (int done = 0; done < length; ) {
        int count = Math.min(length - done, CHUNK);
        QuicStreamChannel stream = claim(count);
        ByteBuf chunk = stream.alloc().directBuffer(count).writeBytes(from, offset + done, count);
        connection.writing();
        stream
            .writeAndFlush(chunk)
            .addListener(
                written -> {
                  written(count);
                  if (!written.isSuccess()) {
                    fail(new IOException("the stream was reset by the peer"), false);
                  }
                });
        done += count;
      }
    }

    /// Waits until so much more may be on its way to the codec.
    private QuicStreamChannel claim(int bytes) throws IOException {
      lock.lock();
      try {
        while (unwritten >= WRITE_AHEAD && failure == null && !sentFin) {
          await();
        }
        if (failure != null) {
          throw new IOException(failure.getMessage(), failure);
        }
        if (sentFin) {
          throw new IOException("this end of the stream is closed");
        }
        unwritten += bytes;
        return Objects.requireNonNull(channel, "used before it was opened");
      } finally {
        lock.unlock();
      }
    }

    private void written(int bytes) {
      connection.written();
      lock.lock();
      try {
        unwritten -= bytes;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void close() {
      QuicStreamChannel stream;
      lock.lock();
      try {
        if (sentFin || failure != null) {
          return;
        }
        sentFin = true;
        stream = channel;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
      if (stream != null) {
        connection.writing();
        stream
            .writeAndFlush(new DefaultQuicStreamFrame(Unpooled.EMPTY_BUFFER, true))
            .addListener(_ -> connection.written());
      }
    }
  }

  /// On the endpoint's thread.
  private final class Events extends ChannelInboundHandlerAdapter {
    @Override
    public void handlerAdded(ChannelHandlerContext context) {
      QuicStreamChannel stream = (QuicStreamChannel) context.channel();
      stream.config().setAutoRead(false).setReadFrames(true).setAllowHalfClosure(true);
      lock.lock();
      try {
        channel = stream;
      } finally {
        lock.unlock();
      }
      connection.began(stream);
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
      more(context);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      if (!(message instanceof QuicStreamFrame frame)) {
        ReferenceCountUtil.release(message);
        return;
      }
      lock.lock();
      try {
        if (ignored || failure != null || !frame.content().isReadable()) {
          frame.release();
        } else {
          ready.add(frame.content());
          waiting += frame.content().readableBytes();
        }
        gotFin |= frame.hasFin();
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
      lock.lock();
      try {
        asked = false;
      } finally {
        lock.unlock();
      }
      more(context);
    }

    private void more(ChannelHandlerContext context) {
      boolean more;
      lock.lock();
      try {
        more = wantsMore();
      } finally {
        lock.unlock();
      }
      if (more) {
        context.read();
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      fail(new IOException("the connection is lost or closed"), false);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      boolean reset = cause instanceof QuicStreamResetException;
      fail(
          new IOException(
              reset ? "the stream was reset by the peer" : "the stream failed: " + cause),
          reset);
      QuicStreamChannel stream = (QuicStreamChannel) context.channel();
      breakOff(stream);
    }
  }
}
