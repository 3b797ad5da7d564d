package io.atoll.p2p.transport.quic;

import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.transport.Connection;
import io.atoll.p2p.transport.MuxedStream;
import io.atoll.p2p.transport.Role;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamLimitChangedEvent;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.util.AttributeKey;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A QUIC connection; its streams are QUIC's own.
final class QuicConnection implements Connection {
  static final AttributeKey<QuicConnection> OF = AttributeKey.valueOf("atoll.connection");
  private static final long KEEP_ALIVE_SECONDS = 10;
  private static final long OPEN_SECONDS = 15;
  private static final long GOODBYE_MILLIS = 1000;
  private static final long LAST_PACKETS_MILLIS = 20;

  private sealed interface Arrival {}

  private record Arrived(QuicMuxedStream stream) implements Arrival {}

  private record Lost() implements Arrival {}

  private final QuicChannel channel;
  private final Role role;
  private final Multiaddr local;
  private final Multiaddr remoteAddress;
  private final LinkedBlockingQueue<Arrival> arrivals = new LinkedBlockingQueue<>();
  private final AtomicInteger streams = new AtomicInteger();
  private final AtomicInteger unwritten = new AtomicInteger();
  private final Semaphore limitChanges = new Semaphore(0);
  private volatile @Nullable PeerId remote;
  private volatile boolean open = true;
  private volatile boolean active;
  private @Nullable Runnable onActive;
  private @Nullable Runnable onFailure;

  QuicConnection(
      QuicChannel channel, Role role, InetSocketAddress local, InetSocketAddress remote) {
    this.channel = channel;
    this.role = role;
    this.local = QuicAddress.of(local);
    this.remoteAddress = QuicAddress.of(remote);
  }

  /// Exactly one of them runs, on the endpoint's thread.
  void whenActive(Runnable then, Runnable otherwise) {
    onActive = then;
    onFailure = otherwise;
  }

  void proven(PeerId peer) {
    remote = peer;
    // Our peers answer for as long as they live; others keep a connection alive by themselves.
    channel
        .eventLoop()
        .scheduleAtFixedRate(
            this::keepAlive, KEEP_ALIVE_SECONDS, KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
        .addListener(_ -> {});
  }

  private void keepAlive() {
    if (!open) {
      throw new CancellationException("the connection has ended");
    }
    var parameters = channel.peerTransportParameters();
    if (parameters != null && parameters.maxDatagramFrameSize() > 1) {
      var _ = channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[1]));
    }
  }

  /// A dial that led nowhere.
  void abandon() {
    var _ = sayGoodbye();
  }

  /// QUIC is secured by TLS with the certificates that it has over TCP, too.
  @Override
  public String security() {
    return "/tls/1.0.0";
  }

  @Override
  public PeerId remote() {
    PeerId known = remote;
    if (known == null) {
      throw new IllegalStateException("asked before the remote has proven its id");
    }
    return known;
  }

  @Override
  public Role role() {
    return role;
  }

  @Override
  public Multiaddr localAddress() {
    return local;
  }

  @Override
  public Multiaddr remoteAddress() {
    return remoteAddress;
  }

  @Override
  public MuxedStream open() throws IOException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(OPEN_SECONDS);
    while (true) {
      if (!open) {
        throw lost();
      }
      limitChanges.drainPermits();
      QuicMuxedStream stream = new QuicMuxedStream(this);
      Promise<QuicStreamChannel> created = channel.eventLoop().newPromise();
      try {
        channel.eventLoop().execute(() -> create(stream, created));
      } catch (RejectedExecutionException ended) {
        throw lost();
      }
      created.await();
      if (created.isSuccess()) {
        return stream;
      }
      Throwable cause = created.cause();
      if (!(cause instanceof Full)) {
        throw open ? new IOException("cannot open a stream: " + cause.getMessage(), cause) : lost();
      }
      if (!limitChanges.tryAcquire(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        throw new IOException("the peer takes no more streams");
      }
    }
  }

  /// Asks before, since an id that was tried in vain is lost.
  private void create(QuicMuxedStream stream, Promise<QuicStreamChannel> created) {
    if (open && channel.peerAllowedStreams(QuicStreamType.BIDIRECTIONAL) <= 0) {
      created.setFailure(new Full());
    } else {
      var _ = channel.createStream(QuicStreamType.BIDIRECTIONAL, stream.handler(), created);
    }
  }

  /// The peer takes no more streams for now.
  private static final class Full extends Exception {
    private static final long serialVersionUID = 1L;
  }

  @Override
  public MuxedStream accept() throws IOException, InterruptedException {
    return switch (arrivals.take()) {
      case Arrived(QuicMuxedStream stream) -> stream;
      case Lost lost -> {
        arrivals.add(lost);
        throw lost();
      }
    };
  }

  /// On the endpoint's thread.
  void arrived(QuicStreamChannel streamChannel) {
    QuicMuxedStream stream = new QuicMuxedStream(this);
    streamChannel.pipeline().addLast(stream.handler());
    arrivals.add(new Arrived(stream));
  }

  void began(QuicStreamChannel streamChannel) {
    streams.incrementAndGet();
    streamChannel.closeFuture().addListener(_ -> streams.decrementAndGet());
  }

  void writing() {
    unwritten.incrementAndGet();
  }

  void written() {
    unwritten.decrementAndGet();
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public int streams() {
    return streams.get();
  }

  @Override
  public void close() {
    if (!open) {
      return;
    }
    try {
      long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(GOODBYE_MILLIS);
      while (open && unwritten.get() > 0 && System.nanoTime() < end) {
        Thread.sleep(5);
      }
      // The codec throws away what it has not sent once it says goodbye.
      Thread.sleep(LAST_PACKETS_MILLIS);
      sayGoodbye().await(GOODBYE_MILLIS);
    } catch (InterruptedException e) {
      var _ = sayGoodbye();
      Thread.currentThread().interrupt();
    }
  }

  private ChannelFuture sayGoodbye() {
    open = false;
    try {
      return channel.close(true, 0, Unpooled.EMPTY_BUFFER);
    } catch (RejectedExecutionException ended) {
      // The peer was faster, and its endpoint is gone.
      return channel.closeFuture();
    }
  }

  private static IOException lost() {
    return new SocketException("the connection is lost or closed");
  }

  ChannelHandler events() {
    return new Events();
  }

  private final class Events extends ChannelInboundHandlerAdapter {
    @Override
    public void channelActive(ChannelHandlerContext context) {
      active = true;
      Runnable then = onActive;
      if (then != null) {
        then.run();
      }
      context.fireChannelActive();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      ended();
      context.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
      ended();
    }

    private void ended() {
      open = false;
      arrivals.add(new Lost());
      limitChanges.release();
      Runnable otherwise = onFailure;
      onFailure = null;
      if (otherwise != null && !active) {
        otherwise.run();
      }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      if (message instanceof QuicStreamChannel) {
        context.fireChannelRead(message);
      } else {
        // A datagram: a sign of life, no more.
        ReferenceCountUtil.release(message);
      }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event instanceof QuicStreamLimitChangedEvent) {
        limitChanges.release();
      }
      context.fireUserEventTriggered(event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      // A failed handshake is told by the future of the dial; anything later closes the channel.
      if (active) {
        var _ = context.close();
      }
    }
  }
}
