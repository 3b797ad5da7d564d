package io.atoll.client.gate;

import io.atoll.client.GateConnection;
import io.atoll.client.gate.SocksWire.Reply;
import io.atoll.client.gate.SocksWire.Request;
import io.atoll.core.error.AtollException;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.function.Consumer;

/// One program that speaks SOCKS to us: CONNECT and UDP ASSOCIATE, without a login.
final class SocksTalk {
  private static final int BUFFER = 4096;
  private static final int SILENCE_MILLIS = 30_000;

  private final Socket socket;
  private final GateDialer dialer;
  private final Consumer<String> notes;

  SocksTalk(Socket socket, GateDialer dialer, Consumer<String> notes) {
    this.socket = socket;
    this.dialer = dialer;
    this.notes = notes;
  }

  void run() throws IOException, InterruptedException {
    socket.setSoTimeout(SILENCE_MILLIS);
    DataInputStream in =
        new DataInputStream(new BufferedInputStream(socket.getInputStream(), BUFFER));
    int version = in.readUnsignedByte();
    if (version != SocksWire.VERSION) {
      notes.accept(
          version == 4
              ? "a program speaks SOCKS 4, and this is SOCKS 5: write socks5h:// there"
              : "a program on the port of SOCKS speaks something else; HTTP has its own port");
      return;
    }
    int method = SocksWire.method(in);
    socket.getOutputStream().write(new byte[] {SocksWire.VERSION, (byte) method});
    if (method == SocksWire.NO_METHOD) {
      notes.accept(
          "a program wants to log in at the SOCKS proxy, which knows no users: leave user and"
              + " password out there");
      return;
    }
    Request request = SocksWire.request(in);
    socket.setSoTimeout(0);
    switch (request.command()) {
      case SocksWire.CONNECT -> connect(request, in);
      case SocksWire.ASSOCIATE -> associate(in);
      default -> answer(Reply.UNKNOWN_COMMAND);
    }
  }

  private void answer(Reply reply) throws IOException {
    answer(reply, new InetSocketAddress(InetAddress.ofLiteral("0.0.0.0"), 0));
  }

  private void answer(Reply reply, InetSocketAddress bound) throws IOException {
    socket.getOutputStream().write(SocksWire.reply(reply, bound));
  }

  private void connect(Request request, DataInputStream in)
      throws IOException, InterruptedException {
    Target target = request.target();
    if (target == null) {
      answer(Reply.UNKNOWN_ADDRESS);
      return;
    }
    GateConnection gate;
    try {
      gate = dialer.tcp(target.host(), target.port());
    } catch (AtollException e) {
      notes.accept(Forward.words(e));
      answer(reply(e));
      return;
    }
    try (gate) {
      answer(Reply.DONE);
      Splice.run(Splice.of(socket, in), gate);
    }
  }

  private static Reply reply(AtollException e) {
    return switch (e.code()) {
      case GATEWAY_REFUSED -> Reply.REFUSED;
      case NOT_FOUND, GATEWAY_UNREACHABLE -> Reply.HOST_UNREACHABLE;
      case TIMEOUT -> Reply.TOO_LATE;
      case DENIED, UNAUTHENTICATED -> Reply.FORBIDDEN;
      default -> Reply.FAILED;
    };
  }

  /// Datagrams pass as long as this connection is open (RFC 1928 §6).
  private void associate(DataInputStream in) throws IOException {
    try (SocksRelay relay =
        SocksRelay.open(socket.getLocalAddress(), socket.getInetAddress(), dialer, notes)) {
      answer(Reply.DONE, relay.address());
      while (in.read() >= 0) {
        // What is sent here means nothing.
      }
    }
  }
}
