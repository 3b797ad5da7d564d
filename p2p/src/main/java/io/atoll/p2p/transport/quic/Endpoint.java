package io.atoll.p2p.transport.quic;

import io.atoll.core.identity.PeerId;
import io.atoll.p2p.security.tls.Judge;
import io.atoll.p2p.transport.DialException;
import io.atoll.p2p.transport.HandshakeFailure;
import io.atoll.p2p.transport.Role;
import io.atoll.p2p.udp.PacketKind;
import io.atoll.p2p.udp.UdpSocket;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicClientCodecBuilder;
import io.netty.handler.codec.quic.QuicCodecBuilder;
import io.netty.handler.codec.quic.QuicConnectionAddress;
import io.netty.handler.codec.quic.QuicServerCodecBuilder;
import io.netty.handler.codec.quic.QuicSslEngine;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// One UDP socket with the codecs of both roles. It lives as long as somebody holds it: a listener,
/// a dial, or a connection.
final class Endpoint {
  private static final AttributeKey<Judge> JUDGE = AttributeKey.valueOf("atoll.judge");
  private static final long CONNECTION_WINDOW = 15 << 20;
  private static final long STREAM_WINDOW = 10 << 20;
  private static final int MAX_STREAMS = 256;
  private static final int MAX_DATAGRAMS = 16;
  private static final int PAYLOAD = 1350;
  private static final Duration SILENCE = Duration.ofSeconds(30);
  private final UdpSocket socket;
  private final Credentials credentials;
  private final ConnectionIds ids = new ConnectionIds();
  private final EventLoop loop = new DefaultEventLoop(new DefaultThreadFactory("quic", true));
  private final FedChannel dialling;
  private final AtomicReference<@Nullable FedChannel> listening = new AtomicReference<>();

  // Under the lock of this object.
  private int holders = 1;

  private Endpoint(UdpSocket socket, Credentials credentials) {
    this.socket = socket;
    this.credentials = credentials;
    this.dialling = new FedChannel(socket);
  }

  /// Held once, by the caller.
  static Endpoint open(InetSocketAddress address, Credentials credentials) throws IOException {
    Endpoint endpoint = new Endpoint(UdpSocket.bind(address), credentials);
    endpoint.dialling.pipeline().addLast(endpoint.clientCodec());
    endpoint.loop.register(endpoint.dialling).syncUninterruptibly();
    endpoint.socket.handle(PacketKind.QUIC, endpoint::received);
    return endpoint;
  }

  InetSocketAddress address() {
    return socket.address();
  }

  /// False if it is gone.
  synchronized boolean hold() {
    if (holders == 0) {
      return false;
    }
    holders++;
    return true;
  }

  void release() {
    synchronized (this) {
      if (--holders > 0) {
        return;
      }
    }
    var _ = dialling.close();
    FedChannel server = listening.get();
    if (server != null) {
      var _ = server.close();
    }
    // What the codecs still have to say goes out before the socket is closed.
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).addListener(_ -> socket.close());
  }

  /// Takes connections from now on.
  ///
  /// @param limit in time for each handshake
  void listen(Duration limit, Door door) {
    FedChannel server = new FedChannel(socket);
    server
        .pipeline()
        .addLast(
            common(new QuicServerCodecBuilder(), credentials.server()::newEngine)
                .handler(new Arrivals(limit, door))
                .streamHandler(streams())
                .build());
    loop.register(server).syncUninterruptibly();
    listening.set(server);
  }

  private ChannelHandler clientCodec() {
    return common(new QuicClientCodecBuilder(), alloc -> credentials.client().newEngine(alloc))
        .build();
  }

  /// @throws SocketTimeoutException if nobody answers in time
  QuicConnection dial(InetSocketAddress remote, PeerId expected, Duration timeout)
      throws IOException, InterruptedException {
    Judge judge = new Judge(expected);
    var attempt = new AtomicReference<@Nullable QuicConnection>();
    Future<QuicChannel> connecting =
        QuicChannel.newBootstrap(dialling)
            .attr(JUDGE, judge)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, millis(timeout))
            .handler(
                new ChannelInitializer<QuicChannel>() {
                  @Override
                  protected void initChannel(QuicChannel channel) {
                    attempt.set(connection(channel, Role.INITIATOR, remote));
                  }
                })
            .streamHandler(streams())
            .localAddress(socket.address())
            .remoteAddress(remote)
            .localConnectionAddress(new QuicConnectionAddress(ids.next()))
            .connect();
    boolean connected = false;
    try {
      if (!connecting.await(timeout.toMillis())) {
        throw new SocketTimeoutException("out of time");
      }
      QuicConnection connection = attempt.get();
      var key = judge.key();
      if (!connecting.isSuccess() || connection == null || key == null) {
        throw failed(judge, connecting.cause());
      }
      connection.proven(PeerId.of(key));
      connected = true;
      return connection;
    } finally {
      QuicConnection begun = attempt.get();
      if (!connected && begun != null) {
        begun.abandon();
      }
    }
  }

  private static IOException failed(Judge judge, @Nullable Throwable cause) {
    String refusal = judge.refusal();
    if (refusal == null && cause instanceof ConnectTimeoutException) {
      return new SocketTimeoutException("out of time");
    }
    String why = refusal != null ? refusal : "the QUIC handshake failed: " + cause;
    return cause == null ? new DialException(why) : new DialException(why, cause);
  }

  private QuicConnection connection(QuicChannel channel, Role role, InetSocketAddress remote) {
    QuicConnection connection = new QuicConnection(channel, role, local(remote), remote);
    channel.attr(QuicConnection.OF).set(connection);
    channel.pipeline().addLast(connection.events());
    if (hold()) {
      channel.closeFuture().addListener(_ -> release());
    }
    return connection;
  }

  /// The address of this machine that packets to a remote leave from.
  private InetSocketAddress local(InetSocketAddress remote) {
    if (!socket.address().getAddress().isAnyLocalAddress()) {
      return socket.address();
    }
    try (DatagramChannel probe = DatagramChannel.open()) {
      probe.connect(remote);
      var found = (InetSocketAddress) probe.getLocalAddress();
      return new InetSocketAddress(found.getAddress(), socket.address().getPort());
    } catch (IOException unknown) {
      return socket.address();
    }
  }

  private void received(ByteBuffer packet, InetSocketAddress from) {
    FedChannel server = listening.get();
    if (ids.marked(packet)) {
      dialling.feed(packet, from);
    } else if (server != null) {
      server.feed(packet, from);
    }
  }

  private <B extends QuicCodecBuilder<B>> B common(
      B builder, Function<io.netty.buffer.ByteBufAllocator, QuicSslEngine> engines) {
    return builder
        .sslEngineProvider(
            channel -> {
              QuicSslEngine engine = engines.apply(channel.alloc());
              Judge judge = channel.attr(JUDGE).get();
              credentials.judges().appoint(engine, judge == null ? new Judge(null) : judge);
              return engine;
            })
        // Judging a certificate takes longer than anything else: others go on meanwhile.
        .sslTaskExecutor(task -> Thread.ofVirtual().name("quic-judge").start(task))
        .maxIdleTimeout(SILENCE.toMillis(), TimeUnit.MILLISECONDS)
        .initialMaxData(CONNECTION_WINDOW)
        .initialMaxStreamDataBidirectionalLocal(STREAM_WINDOW)
        .initialMaxStreamDataBidirectionalRemote(STREAM_WINDOW)
        .initialMaxStreamsBidirectional(MAX_STREAMS)
        .initialMaxStreamsUnidirectional(0)
        .maxSendUdpPayloadSize(PAYLOAD)
        .localConnectionIdLength(ConnectionIds.BYTES)
        .activeMigration(false)
        .datagram(MAX_DATAGRAMS, MAX_DATAGRAMS);
  }

  private static ChannelHandler streams() {
    return new ChannelInitializer<QuicStreamChannel>() {
      @Override
      protected void initChannel(QuicStreamChannel channel) {
        QuicConnection connection = channel.parent().attr(QuicConnection.OF).get();
        connection.arrived(channel);
      }
    };
  }

  private static int millis(Duration timeout) {
    return Math.clamp(timeout.toMillis(), 1, Integer.MAX_VALUE);
  }

  /// Connections from outside, from their first packet to their proof.
  private final class Arrivals extends ChannelInitializer<QuicChannel> {
    private final Duration limit;
    private final Door door;

    Arrivals(Duration limit, Door door) {
      this.limit = limit;
      this.door = door;
    }

    @Override
    public boolean isSharable() {
      return true;
    }

    @Override
    protected void initChannel(QuicChannel channel) {
      InetSocketAddress remote = (InetSocketAddress) channel.remoteSocketAddress();
      if (remote == null || !door.admits(remote)) {
        var _ = channel.close();
        return;
      }
      QuicConnection connection = connection(channel, Role.RESPONDER, remote);
      AtomicBoolean late = new AtomicBoolean();
      var overdue =
          channel
              .eventLoop()
              .schedule(
                  () -> {
                    late.set(true);
                    var _ = channel.close();
                  },
                  limit.toMillis(),
                  TimeUnit.MILLISECONDS);
      connection.whenActive(
          () -> {
            overdue.cancel(false);
            var key = credentials.judges().of(channel.sslEngine()).key();
            if (key == null) {
              door.failed(remote, HandshakeFailure.MALFORMED);
              var _ = channel.close();
              return;
            }
            connection.proven(PeerId.of(key));
            door.proven(connection, remote);
          },
          () -> {
            overdue.cancel(false);
            door.failed(
                remote, late.get() ? HandshakeFailure.TIMEOUT : HandshakeFailure.BROKEN_OFF);
          });
    }
  }
}
