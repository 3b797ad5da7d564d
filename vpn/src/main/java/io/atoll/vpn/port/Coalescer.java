package io.atoll.vpn.port;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Set;

/// Puts packets of IP into a batch, and makes one super-packet of those that follow each other in
/// one flow: the other direction of [Splitter]. Each packet is put where the payload before it
/// ends, less the length of a header, so that nothing is copied where it goes on:
///
/// ```
///  | header | payload 1 | payload 2 |
///                 [ header| payload 3 ]     the end of payload 2 is kept meanwhile
/// ```
/// Only packets are joined whose sums are right, and which a receiver could not tell from what the
/// splitter makes of the super-packet, but for the id of a packet that may not be fragmented, which
/// means nothing (RFC 6864). One thread.
public final class Coalescer {
  /// More segments of UDP the kernel does not cut.
  private static final int MOST_UDP = 64;

  private static final int MOST_HEADER = 512;
  private static final int ACK = 0x10;
  private static final int PSH = 0x08;

  private final IpHeader header = new IpHeader();
  private final MemorySegment kept = Arena.ofAuto().allocate(MOST_HEADER, 8);
  private final PacketBatch batch;
  private Set<Offload> offloads = Set.of();
  private final MemorySegment memory;

  // The packet that the next may be joined to: where it begins, how long it is by now.
  private boolean open;
  private int start;
  private int length;
  private int packets;

  // What its first packet was like.
  private boolean joinable;
  private boolean verified;
  private boolean tcp;
  private int version;
  private int transport;
  private int headerBytes;
  private int size;
  private int sequence;
  private int id;

  // Where the packet goes that was asked for; whether what lay there is kept.
  private int place;
  private boolean behind;

  /// @param batch that is filled; the caller clears and sends it
  public Coalescer(PacketBatch batch) {
    this.batch = batch;
    this.memory = batch.memory();
  }

  /// From now on joins what these can cut again.
  public void join(Set<Offload> takes) {
    offloads = takes;
  }

  /// Where the next packet shall be put, before [#placed] or [#abandoned].
  ///
  /// @param most how many bytes are written there at most
  /// @return -1 if the batch is full: [#finish], and send it
  public int place(int most) {
    if (open && joinable && length - headerBytes + most <= PacketBatch.LONGEST) {
      // If it does not belong there, it is moved behind: for that there must be room, too.
      int moved = apart(start + length);
      if (moved + (long) most + PacketBatch.TAILROOM > memory.byteSize()) {
        return -1;
      }
      place = start + length - headerBytes;
      behind = true;
      MemorySegment.copy(memory, place, kept, 0, headerBytes);
      return place;
    }
    behind = false;
    if (!open) {
      place = batch.place(most);
      return place;
    }
    // The open packet becomes an entry when the next is there; there must be room for both.
    place = apart(start + length);
    boolean full =
        batch.count() + 2 > batch.entries()
            || place + (long) most + PacketBatch.TAILROOM > memory.byteSize();
    return full ? -1 : place;
  }

  private static int apart(int end) {
    return end + PacketBatch.TAILROOM + PacketBatch.HEADROOM + 63 & -64;
  }

  /// Nothing came of it: what was kept is put back.
  public void abandoned() {
    if (behind) {
      MemorySegment.copy(kept, 0, memory, place, headerBytes);
    }
  }

  /// A packet lies at the place, where whoever calls has seen that it is one of IP.
  public void placed(int bytes) {
    if (!behind) {
      close();
      begin(place, bytes);
      return;
    }
    if (follows(bytes)) {
      MemorySegment.copy(kept, 0, memory, place, headerBytes);
      length += bytes - headerBytes;
      packets++;
      return;
    }
    int moved = apart(start + length);
    MemorySegment.copy(memory, place, memory, moved, bytes);
    MemorySegment.copy(kept, 0, memory, place, headerBytes);
    close();
    begin(moved, bytes);
  }

  /// Makes the last packet an entry. What is placed later is not joined to it.
  public void finish() {
    close();
  }

  private void begin(int at, int bytes) {
    open = true;
    start = at;
    length = bytes;
    packets = 1;
    verified = false;
    joinable = readFirst(at, bytes);
    if (batch.count() + 1 >= batch.entries()) {
      // The last entry: it may grow, but nothing may come that does not belong to it.
      joinable = false;
    }
  }

  private boolean readFirst(int at, int bytes) {
    if (offloads.isEmpty() || !header.read(memory, at, bytes) || header.totalBytes() != bytes) {
      return false;
    }
    int all = header.withTransport(memory, at);
    if (all < 0 || all > MOST_HEADER || bytes == all) {
      return false;
    }
    version = header.version();
    transport = header.headerBytes();
    tcp = header.protocol() == IpHeader.TCP;
    headerBytes = all;
    size = bytes - all;
    Offload needed = Segmentation.of(version, tcp).offload();
    if (!offloads.contains(needed) || !sound(at, bytes)) {
      return false;
    }
    verified = true;
    id = version == 4 && !header.dontFragment() ? IpHeader.number(memory, at + 4L) : -1;
    if (!tcp) {
      return true;
    }
    sequence = memory.get(IpHeader.NETWORK_INT, at + transport + 4L);
    return (memory.get(JAVA_BYTE, at + transport + 13L) & 0xff) == ACK;
  }

  /// Whether a packet's sums and lengths hold; its headers were read.
  private boolean sound(int at, int bytes) {
    int carried = bytes - header.headerBytes();
    int carrier = at + header.headerBytes();
    if (header.protocol() == IpHeader.UDP
        && (IpHeader.number(memory, carrier + 4L) != carried
            || Checksum.stored(memory, carrier + 6L) == 0)) {
      return false;
    }
    if (header.version() == 4
        && Checksum.fold(Checksum.add(memory, at, header.headerBytes(), 0)) != 0xffff) {
      return false;
    }
    long pseudo =
        Checksum.pseudo(
            memory, at + header.addresses(), header.addressBytes(), header.protocol(), carried);
    return Checksum.fold(Checksum.add(memory, carrier, carried, pseudo)) == 0xffff;
  }

  /// Whether the packet at the place goes on where the open one ends.
  private boolean follows(int bytes) {
    if (!header.read(memory, place, bytes)
        || header.totalBytes() != bytes
        || header.version() != version
        || header.headerBytes() != transport
        || header.protocol() != (tcp ? IpHeader.TCP : IpHeader.UDP)
        || header.withTransport(memory, place) != headerBytes) {
      return false;
    }
    int payload = bytes - headerBytes;
    if (payload == 0
        || payload > size
        || length + payload > PacketBatch.LONGEST
        || (!tcp && packets == MOST_UDP)
        || !same()) {
      return false;
    }
    if (version == 4
        && (header.dontFragment()
            ? id >= 0
            : IpHeader.number(memory, place + 4L) != (id + packets & 0xffff) || id < 0)) {
      return false;
    }
    boolean pushed = false;
    if (tcp) {
      int flags = memory.get(JAVA_BYTE, place + transport + 13L) & 0xff;
      pushed = flags == (ACK | PSH);
      int expected = sequence + length - headerBytes;
      if ((flags != ACK && !pushed)
          || memory.get(IpHeader.NETWORK_INT, place + transport + 4L) != expected) {
        return false;
      }
    }
    if (!sound(place, bytes)) {
      return false;
    }
    if (pushed) {
      memory.set(JAVA_BYTE, start + transport + 13L, (byte) (ACK | PSH));
    }
    if (pushed || payload < size) {
      // A segment that is short, or pushed, is the last.
      joinable = false;
    }
    return true;
  }

  /// Whether the headers are the same but for lengths, ids, sums, sequence and flags of TCP.
  private boolean same() {
    if (version == 4) {
      return equal(0, 2) && equal(6, 10) && equal(12, transport) && sameTransport();
    }
    return equal(0, 4) && equal(6, transport) && sameTransport();
  }

  private boolean sameTransport() {
    int at = transport;
    if (!tcp) {
      return equal(at, at + 4);
    }
    // Ports; acknowledgement and length of the header; window; urgent pointer and options.
    return equal(at, at + 4)
        && equal(at + 8, at + 13)
        && equal(at + 14, at + 16)
        && equal(at + 18, headerBytes);
  }

  private boolean equal(int from, int to) {
    for (int i = from; i + 4 <= to; i += 4) {
      if (memory.get(Checksum.INT, place + (long) i)
          != memory.get(Checksum.INT, start + (long) i)) {
        return false;
      }
    }
    for (int i = to - (to - from & 3); i < to; i++) {
      if (memory.get(JAVA_BYTE, place + (long) i) != memory.get(JAVA_BYTE, start + (long) i)) {
        return false;
      }
    }
    return true;
  }

  private void close() {
    if (!open) {
      return;
    }
    open = false;
    if (packets == 1) {
      batch.add(start, length);
      if (verified) {
        batch.lastVerified();
      }
      return;
    }
    int carried = length - transport;
    if (version == 4) {
      memory.set(IpHeader.NETWORK_SHORT, start + 2L, (short) length);
      Checksum.store(memory, start + 10L, 0);
      Checksum.store(
          memory, start + 10L, ~Checksum.fold(Checksum.add(memory, start, transport, 0)));
    } else {
      memory.set(IpHeader.NETWORK_SHORT, start + 4L, (short) (length - IpHeader.V6_BYTES));
    }
    if (!tcp) {
      memory.set(IpHeader.NETWORK_SHORT, start + transport + 4L, (short) carried);
    }
    int sumAt = tcp ? 16 : 6;
    long pseudo =
        Checksum.pseudo(
            memory,
            start + (version == 4 ? 12L : 8L),
            version == 4 ? 8 : 32,
            tcp ? IpHeader.TCP : IpHeader.UDP,
            carried);
    Checksum.store(memory, start + transport + (long) sumAt, Checksum.fold(pseudo));
    batch.add(start, length, Segmentation.of(version, tcp), size, transport, sumAt);
  }
}
