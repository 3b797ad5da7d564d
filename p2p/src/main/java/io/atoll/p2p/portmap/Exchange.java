package io.atoll.p2p.portmap;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketTimeoutException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// Asks a gateway by UDP, again while it does not answer, each time waiting twice as long. Only
/// what comes from its very address and port is looked at.
final class Exchange implements AutoCloseable {
  static final int PORT = 5351;
  private static final int FIRST_MILLIS = 250;
  private static final int LARGEST = 1100;

  private final DatagramSocket socket;

  Exchange(InetSocketAddress gateway) throws IOException {
    socket = new DatagramSocket();
    try {
      socket.connect(gateway);
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  /// Own address, as the gateway sees it.
  InetAddress local() {
    return socket.getLocalAddress();
  }

  /// Reads an answer, or finds that it belongs to something else.
  interface Reader<T> {
    Optional<T> read(byte[] packet);
  }

  /// @param tries how often it is sent, at least once
  /// @return nothing if there was no answer
  <T> Optional<T> ask(byte[] request, int tries, Reader<T> reader)
      throws IOException, InterruptedException {
    byte[] buffer = new byte[LARGEST];
    try {
      for (int attempt = 0; attempt < tries; attempt++) {
        socket.send(new DatagramPacket(request, request.length));
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(FIRST_MILLIS << attempt);
        for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
          Optional<T> answer = receive(buffer, left, reader);
          if (answer.isPresent()) {
            return answer;
          }
        }
      }
      return Optional.empty();
    } catch (PortUnreachableException nobodyThere) {
      return Optional.empty();
    } catch (IOException e) {
      if (Thread.interrupted()) {
        throw new InterruptedException("interrupted while asking a gateway");
      }
      throw e;
    }
  }

  private <T> Optional<T> receive(byte[] buffer, long nanos, Reader<T> reader) throws IOException {
    socket.setSoTimeout((int) Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos)));
    DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
    try {
      socket.receive(packet);
    } catch (SocketTimeoutException e) {
      return Optional.empty();
    }
    byte[] bytes = new byte[packet.getLength()];
    System.arraycopy(buffer, 0, bytes, 0, bytes.length);
    return reader.read(bytes);
  }

  @Override
  public void close() {
    socket.close();
  }
}
