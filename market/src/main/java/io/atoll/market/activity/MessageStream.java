package io.atoll.market.activity;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.exc.InvalidTypeIdException;
import io.atoll.core.identity.PeerId;
import io.atoll.core.json.Json;
import io.atoll.p2p.host.Stream;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sends and receives messages as frames on a stream: unsigned varint length, then JSON. One thread
/// may send while another receives.
///
/// @param <I> the sealed family of messages that come in
/// @param <O> the family that goes out
public final class MessageStream<I, O> implements AutoCloseable {
  /// A longer frame ends the stream, unless less was agreed on: 32 MiB.
  public static final int MAX_FRAME = 32 << 20;

  private static final Logger LOG = LoggerFactory.getLogger(MessageStream.class);

  private final Stream stream;
  private final InputStream in;
  private final OutputStream out;
  private final Class<I> incoming;
  private final int maxFrame;

  public MessageStream(Stream stream, Class<I> incoming) {
    this(stream, incoming, MAX_FRAME);
  }

  /// @param maxFrame bytes; a longer frame ends the stream, in either direction
  public MessageStream(Stream stream, Class<I> incoming, int maxFrame) {
    this.maxFrame = maxFrame;
    this.stream = stream;
    this.in = new BufferedInputStream(stream.in(), 8192);
    this.out = new BufferedOutputStream(stream.out(), 8192);
    this.incoming = incoming;
  }

  public PeerId remote() {
    return stream.remote();
  }

  public void send(O message) throws IOException {
    send(List.of(message));
  }

  /// Sends several messages with one flush.
  public synchronized void send(List<O> messages) throws IOException {
    for (O message : messages) {
      byte[] json = Json.bytes(message);
      if (json.length > maxFrame) {
        throw new IOException("a message of " + json.length + " bytes is over the frame limit");
      }
      writeLength(json.length);
      out.write(json);
    }
    out.flush();
  }

  /// The next message; empty when the peer has closed its side. Types that this version does not
  /// know are skipped.
  ///
  /// @throws MalformedMessageException if the peer breaks the protocol
  public Optional<I> receive() throws IOException {
    while (true) {
      int length = readLength();
      if (length < 0) {
        return Optional.empty();
      }
      byte[] json = in.readNBytes(length);
      if (json.length < length) {
        throw new EOFException("the stream ended within a frame of " + length + " bytes");
      }
      try {
        return Optional.of(Json.read(json, incoming));
      } catch (InvalidTypeIdException e) {
        LOG.debug("skipped a message of an unknown type from {}", stream.remote(), e);
      } catch (JsonProcessingException | IllegalArgumentException e) {
        throw new MalformedMessageException("malformed message from " + stream.remote(), e);
      }
    }
  }

  private void writeLength(int length) throws IOException {
    int rest = length;
    while (rest >= 0x80) {
      out.write((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    out.write(rest);
  }

  /// The length of the next frame, or -1 at the end of the stream.
  private int readLength() throws IOException {
    int length = 0;
    for (int shift = 0; shift < 28; shift += 7) {
      int octet = in.read();
      if (octet < 0) {
        if (shift == 0) {
          return -1;
        }
        throw new EOFException("the stream ended within a length");
      }
      length |= (octet & 0x7f) << shift;
      if (octet < 0x80) {
        if (length > maxFrame) {
          throw new MalformedMessageException("a frame of " + length + " bytes is over the limit");
        }
        return length;
      }
    }
    throw new MalformedMessageException("malformed length of a frame");
  }

  public void reset() {
    stream.reset();
  }

  @Override
  public void close() {
    stream.close();
  }
}
