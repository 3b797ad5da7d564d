package io.atoll.vpn.exit;

import io.atoll.vpn.network.Egress.Resolver;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/// Questions of members that a name server outside answers. Each has a socket and a number of its
/// own, which nobody outside can guess, and only its server is heard (RFC 5452).
final class Questions {
  private static final int MOST = 256;
  private static final int PATIENCE_MILLIS = 5_000;
  private static final int LONGEST = 4096;
  private static final int HEADER = 12;
  private static final int RESPONSE = 0x80;

  private final Semaphore room = new Semaphore(MOST);
  private final SecureRandom random = new SecureRandom();

  /// @param over whether an answer came
  /// @return whether there was room
  boolean ask(byte[] query, Resolver of, Consumer<byte[]> answered, Consumer<Boolean> over) {
    if (query.length < HEADER || !room.tryAcquire()) {
      return false;
    }
    Thread.ofVirtual()
        .name("exit dns")
        .start(
            () -> {
              boolean done = false;
              try {
                byte[] answer = asked(query.clone(), of);
                answered.accept(answer);
                done = true;
              } catch (IOException silent) {
                // Whoever asked asks again.
              } finally {
                room.release();
                over.accept(done);
              }
            });
    return true;
  }

  private byte[] asked(byte[] query, Resolver of) throws IOException {
    byte first = query[0];
    byte second = query[1];
    int number = random.nextInt(1 << 16);
    query[0] = (byte) (number >>> 8);
    query[1] = (byte) number;
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(new InetSocketAddress(of.address().toInet(), of.port()));
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.send(new DatagramPacket(query, query.length));
      long end = System.nanoTime() + PATIENCE_MILLIS * 1_000_000L;
      DatagramPacket answer = new DatagramPacket(new byte[LONGEST], LONGEST);
      while (System.nanoTime() < end) {
        answer.setLength(LONGEST);
        socket.receive(answer);
        byte[] bytes = java.util.Arrays.copyOf(answer.getData(), answer.getLength());
        if (bytes.length >= HEADER
            && bytes[0] == query[0]
            && bytes[1] == query[1]
            && (bytes[2] & RESPONSE) != 0) {
          bytes[0] = first;
          bytes[1] = second;
          return bytes;
        }
      }
      throw new IOException("no answer that fits");
    }
  }
}
