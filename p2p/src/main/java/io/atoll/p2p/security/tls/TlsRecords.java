package io.atoll.p2p.security.tls;

import io.atoll.p2p.transport.Wire;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/// Moves records between an engine and a wire, one whole record at a time, so that nothing of what
/// follows the handshake is read during it. One reading thread and one writing thread; the reader
/// writes too where TLS wants an answer.
final class TlsRecords {
  private static final int HEADER = 5;
  private static final int LONGEST = 16_384 + 256;
  private static final int RECORDS_AT_ONCE = 4;
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
  private final SSLEngine engine;
  private final InputStream in;
  private final OutputStream out;
  private final ReentrantLock writing = new ReentrantLock();

  // Of the reader; grown to the largest record seen.
  private byte[] record = new byte[1024];
  private ByteBuffer plain = ByteBuffer.allocate(0);

  // Under the lock.
  private byte[] sealed = new byte[0];

  TlsRecords(SSLEngine engine, Wire wire) {
    this.engine = engine;
    this.in = wire.in();
    this.out = wire.out();
  }

  void handshake() throws IOException {
    try {
      engine.beginHandshake();
      while (true) {
        switch (engine.getHandshakeStatus()) {
          case NEED_WRAP -> write(NOTHING);
          case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
            if (!readRecord()) {
              throw new EOFException("the peer hung up during the TLS handshake");
            }
          }
          case NEED_TASK -> runTasks();
          case FINISHED, NOT_HANDSHAKING -> {
            return;
          }
        }
      }
    } catch (SSLException e) {
      tellWhy();
      throw failed(e);
    }
  }

  /// The next bytes for the application; an empty buffer at the end.
  ByteBuffer read() throws IOException {
    while (!plain.hasRemaining()) {
      try {
        if (!readRecord()) {
          break;
        }
        afterRead();
      } catch (SSLException e) {
        tellWhy();
        throw failed(e);
      }
    }
    return plain;
  }

  /// What the last record held and was not taken yet.
  int available() {
    return plain.remaining();
  }

  void write(ByteBuffer source) throws IOException {
    writing.lock();
    try {
      int packet = engine.getSession().getPacketBufferSize();
      int wanted = source.remaining() > LONGEST ? RECORDS_AT_ONCE * packet : packet;
      if (sealed.length < wanted) {
        sealed = new byte[wanted];
      }
      ByteBuffer target = ByteBuffer.wrap(sealed);
      do {
        SSLEngineResult result = engine.wrap(source, target);
        switch (result.getStatus()) {
          case OK -> {
            if (target.remaining() < packet) {
              send(target);
            }
          }
          case BUFFER_OVERFLOW -> {
            send(target);
            int larger = engine.getSession().getPacketBufferSize();
            if (sealed.length < larger) {
              sealed = new byte[larger];
              target = ByteBuffer.wrap(sealed);
            }
          }
          case CLOSED -> {
            send(target);
            throw new IOException("the TLS connection is closed");
          }
          case BUFFER_UNDERFLOW -> throw new SSLException("underflow while writing");
        }
      } while (source.hasRemaining());
      send(target);
    } finally {
      writing.unlock();
    }
  }

  private void send(ByteBuffer target) throws IOException {
    if (target.position() > 0) {
      out.write(sealed, 0, target.position());
      out.flush();
      target.clear();
    }
  }

  /// Feeds one record to the engine. False at the end of the wire, or of the peer's data.
  private boolean readRecord() throws IOException {
    ByteBuffer source = NOTHING;
    if (engine.getHandshakeStatus() != HandshakeStatus.NEED_UNWRAP_AGAIN) {
      int got = in.readNBytes(record, 0, HEADER);
      if (got == 0) {
        return false;
      }
      int length = ((record[3] & 0xff) << 8) | (record[4] & 0xff);
      if (got < HEADER) {
        throw new EOFException("end of stream inside a TLS record");
      }
      if (length > LONGEST) {
        throw new ProtocolException("a TLS record of " + length + " bytes");
      }
      if (record.length < HEADER + length) {
        record =
            Arrays.copyOf(record, HEADER + Math.max(length, Integer.highestOneBit(length) * 2));
      }
      if (in.readNBytes(record, HEADER, length) < length) {
        throw new EOFException("end of stream inside a TLS record");
      }
      source = ByteBuffer.wrap(record, 0, HEADER + length);
    }
    while (true) {
      plain.clear();
      SSLEngineResult result = engine.unwrap(source, plain);
      plain.flip();
      switch (result.getStatus()) {
        case OK -> {
          // A record may hold several messages of the handshake; the engine may want a task first.
          if (!source.hasRemaining() || plain.hasRemaining()) {
            return true;
          }
          if (result.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
            runTasks();
          } else if (result.bytesConsumed() == 0) {
            throw new SSLException("the engine takes no more of a record");
          }
        }
        case BUFFER_OVERFLOW ->
            plain = ByteBuffer.allocate(Math.max(2 * plain.capacity(), source.remaining()));
        case BUFFER_UNDERFLOW -> throw new SSLException("the engine wants more than a record");
        case CLOSED -> {
          return false;
        }
      }
    }
  }

  /// New keys or tickets may want work, or an answer.
  private void afterRead() throws IOException {
    while (true) {
      switch (engine.getHandshakeStatus()) {
        case NEED_TASK -> runTasks();
        case NEED_WRAP -> write(NOTHING);
        case NEED_UNWRAP, NEED_UNWRAP_AGAIN, FINISHED, NOT_HANDSHAKING -> {
          return;
        }
      }
    }
  }

  private void runTasks() {
    for (Runnable task = engine.getDelegatedTask();
        task != null;
        task = engine.getDelegatedTask()) {
      task.run();
    }
  }

  /// Sends the alert that the engine has for the peer, if it can.
  private void tellWhy() {
    try {
      for (int i = 0; i < 3 && engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP; i++) {
        write(NOTHING);
      }
    } catch (IOException alreadyGone) {
      // It will see the end of the wire.
    }
  }

  private static IOException failed(SSLException e) {
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    var failure = new ProtocolException("TLS: " + cause.getMessage());
    failure.initCause(e);
    return failure;
  }
}
