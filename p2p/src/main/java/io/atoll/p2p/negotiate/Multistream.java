package io.atoll.p2p.negotiate;

import io.atoll.core.multiformat.Uvarint;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Predicate;

/// Both ends of a negotiation. Blocking: the caller sets the limit in time.
public final class Multistream {
  private static final String HEADER = "/multistream/1.0.0";
  private static final String NOT_AVAILABLE = "na";
  private static final int MAX_FRAME = 1024;
  private static final int MAX_PROPOSALS = 16;

  private Multistream() {}

  /// Proposes each protocol in turn.
  ///
  /// @return the one that the listener took
  /// @throws ProtocolRefused if it took none
  public static String propose(InputStream in, OutputStream out, List<String> protocols)
      throws IOException {
    boolean greeted = false;
    for (String protocol : protocols) {
      send(out, greeted ? List.of(protocol) : List.of(HEADER, protocol));
      if (!greeted) {
        expectHeader(in);
        greeted = true;
      }
      if (accepted(read(in), protocol)) {
        return protocol;
      }
    }
    throw new ProtocolRefused(protocols);
  }

  /// Proposes one protocol and does not wait: data may follow at once. The answer is read, and a
  /// refusal thrown, by the first read of what is returned.
  public static InputStream proposeLazily(InputStream in, OutputStream out, String protocol)
      throws IOException {
    send(out, List.of(HEADER, protocol));
    return new LazyAnswer(in, protocol);
  }

  /// Answers a dialler until it proposes something that is served.
  ///
  /// @throws EOFException if the dialler gives up
  public static String answer(InputStream in, OutputStream out, Predicate<String> served)
      throws IOException {
    expectHeader(in);
    boolean greeted = false;
    for (int i = 0; i < MAX_PROPOSALS; i++) {
      String proposal = read(in);
      String reply = served.test(proposal) ? proposal : NOT_AVAILABLE;
      send(out, greeted ? List.of(reply) : List.of(HEADER, reply));
      greeted = true;
      if (!reply.equals(NOT_AVAILABLE)) {
        return proposal;
      }
    }
    throw new ProtocolException("more than " + MAX_PROPOSALS + " proposals");
  }

  static void readAnswer(InputStream in, String protocol) throws IOException {
    expectHeader(in);
    if (!accepted(read(in), protocol)) {
      throw new ProtocolRefused(List.of(protocol));
    }
  }

  private static boolean accepted(String reply, String protocol) throws ProtocolException {
    if (reply.equals(protocol)) {
      return true;
    }
    if (reply.equals(NOT_AVAILABLE)) {
      return false;
    }
    throw new ProtocolException("multistream-select: an answer to something never proposed");
  }

  private static void expectHeader(InputStream in) throws IOException {
    if (!read(in).equals(HEADER)) {
      throw new ProtocolException("the other end does not speak multistream-select 1.0");
    }
  }

  private static String read(InputStream in) throws IOException {
    int length = (int) Uvarint.read(in, MAX_FRAME);
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException("end of stream inside a multistream-select frame");
    }
    if (length == 0 || bytes[length - 1] != '\n') {
      throw new ProtocolException("a multistream-select frame ends with a newline");
    }
    return new String(bytes, 0, length - 1, StandardCharsets.UTF_8);
  }

  /// All frames in one write: one segment on the network.
  private static void send(OutputStream out, List<String> frames) throws IOException {
    var bytes = new ByteArrayOutputStream();
    for (String frame : frames) {
      byte[] text = frame.getBytes(StandardCharsets.UTF_8);
      Uvarint.write(bytes, text.length + 1);
      bytes.writeBytes(text);
      bytes.write('\n');
    }
    out.write(bytes.toByteArray());
    out.flush();
  }
}
