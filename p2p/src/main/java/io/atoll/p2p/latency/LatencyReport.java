package io.atoll.p2p.latency;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.p2p.record.Envelope;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/// What one node measured, signed by it. Whoever holds one has checked the signature.
public final class LatencyReport {
  /// What fits into an envelope.
  public static final int MAX_ENTRIES = 128;

  private static final String DOMAIN = "atoll-latency";
  private static final byte[] TYPE = "/atoll/latency/1".getBytes(StandardCharsets.US_ASCII);
  private static final int VARINT = 0;
  private static final int LENGTH_DELIMITED = 2;

  /// A ping that takes longer has failed.
  private static final long LONGEST_MICROS = Duration.ofMinutes(1).toNanos() / 1000;

  /// The last that `Instant` in milliseconds and people agree on: the year 9999.
  private static final long LAST_MILLIS = 253_402_300_799_999L;

  private final Envelope envelope;
  private final Instant measured;
  private final SequencedMap<PeerId, Duration> roundTrips;

  private LatencyReport(
      Envelope envelope, Instant measured, SequencedMap<PeerId, Duration> roundTrips) {
    this.envelope = envelope;
    this.measured = measured;
    this.roundTrips = Collections.unmodifiableSequencedMap(roundTrips);
  }

  /// @param roundTrips at most [#MAX_ENTRIES]
  public static LatencyReport sign(Identity author, Instant at, Map<PeerId, Duration> roundTrips) {
    if (roundTrips.size() > MAX_ENTRIES) {
      throw new IllegalArgumentException("a report of " + roundTrips.size() + " round trips");
    }
    Instant measured = Instant.ofEpochMilli(at.toEpochMilli());
    SequencedMap<PeerId, Duration> kept = new LinkedHashMap<>();
    roundTrips.forEach((peer, rtt) -> kept.put(peer, micros(inMicros(rtt))));
    byte[] payload = encode(measured, kept);
    return new LatencyReport(Envelope.seal(author, DOMAIN, TYPE, payload), measured, kept);
  }

  /// Parses one and checks its signature.
  ///
  /// @throws ProtocolException if it is malformed, too large, or not signed by its author
  public static LatencyReport open(byte[] bytes) throws ProtocolException {
    Envelope envelope = Envelope.open(bytes, DOMAIN, TYPE);
    long millis = 0;
    SequencedMap<PeerId, Duration> roundTrips = new LinkedHashMap<>();
    try {
      CodedInputStream in = CodedInputStream.newInstance(envelope.payload());
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        switch (tag) {
          case 1 << 3 | VARINT -> millis = in.readUInt64();
          case 2 << 3 | LENGTH_DELIMITED -> entry(in.readByteArray(), roundTrips);
          default -> in.skipField(tag);
        }
        if (roundTrips.size() > MAX_ENTRIES) {
          throw new ProtocolException("a report of more than " + MAX_ENTRIES + " round trips");
        }
      }
    } catch (ProtocolException e) {
      throw e;
    } catch (IOException | IllegalArgumentException e) {
      throw new ProtocolException("a report of round trips is malformed: " + e.getMessage());
    }
    if (millis < 0 || millis > LAST_MILLIS) {
      throw new ProtocolException("a report of round trips from no time: " + millis);
    }
    return new LatencyReport(envelope, Instant.ofEpochMilli(millis), roundTrips);
  }

  private static void entry(byte[] message, Map<PeerId, Duration> into) throws IOException {
    byte[] peer = new byte[0];
    long micros = 0;
    CodedInputStream in = CodedInputStream.newInstance(message);
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case 1 << 3 | LENGTH_DELIMITED -> peer = in.readByteArray();
        case 2 << 3 | VARINT -> micros = in.readUInt64();
        default -> in.skipField(tag);
      }
    }
    if (micros < 1 || micros > LONGEST_MICROS) {
      throw new ProtocolException("a round trip of " + Long.toUnsignedString(micros) + " µs");
    }
    into.put(PeerId.of(peer), micros(micros));
  }

  private static byte[] encode(Instant at, Map<PeerId, Duration> roundTrips) {
    var bytes = new ByteArrayOutputStream();
    try {
      CodedOutputStream out = CodedOutputStream.newInstance(bytes);
      out.writeUInt64(1, at.toEpochMilli());
      for (var entry : roundTrips.entrySet()) {
        var inner = new ByteArrayOutputStream();
        CodedOutputStream fields = CodedOutputStream.newInstance(inner);
        fields.writeByteArray(1, entry.getKey().bytes());
        fields.writeUInt64(2, inMicros(entry.getValue()));
        fields.flush();
        out.writeByteArray(2, inner.toByteArray());
      }
      out.flush();
    } catch (IOException e) {
      throw new IllegalStateException("memory does not fail", e);
    }
    return bytes.toByteArray();
  }

  public PeerId author() {
    return envelope.author();
  }

  /// When the newest of it was measured, by the author's clock.
  public Instant measured() {
    return measured;
  }

  public SequencedMap<PeerId, Duration> roundTrips() {
    return roundTrips;
  }

  public byte[] encode() {
    return envelope.encode();
  }

  private static long inMicros(Duration rtt) {
    return Math.clamp(rtt.toNanos() / 1000, 1, LONGEST_MICROS);
  }

  private static Duration micros(long count) {
    return Duration.ofNanos(count * 1000);
  }
}
