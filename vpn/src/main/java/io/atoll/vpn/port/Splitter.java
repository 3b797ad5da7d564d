package io.atoll.vpn.port;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Makes packets of the entries of a batch, in place: the header of each is written over the end of
/// the payload before it, so a packet is used up before the next is asked for. One thread.
///
/// ```
///  | header | payload 1 | payload 2 | payload 3 |
///  [ packet 1           ]
///                [header] payload 2 ]
/// ```
/// An entry that is one packet comes as it is, with its sum made where that was left to be done.
public final class Splitter {
  /// The smallest segments that stacks make give fewer packets.
  private static final int MOST_PACKETS = 2048;

  private static final int MOST_HEADER = 512;
  private static final int ETHERTYPE_V4 = 0x0800;
  private static final int ETHERTYPE_V6 = 0x86dd;
  private static final int FIN_PSH = 0x09;
  private static final int CWR = 0x80;

  private final int link;
  private final IpHeader header = new IpHeader();
  private final MemorySegment template = Arena.ofAuto().allocate(MOST_HEADER, 8);

  private MemorySegment memory = MemorySegment.NULL;
  private int start;
  private int end;
  private int headerBytes;
  private int transport;
  private int size;
  private boolean tcp;
  private boolean whole;
  private long pseudo;
  private int sequence;
  private int flags;
  private int id;

  private int done;
  private int number;
  private int offset;
  private int length;

  public Splitter(Link link) {
    this.link = link.bytes();
  }

  /// Begins with an entry; from then on its bytes belong to this.
  ///
  /// @return false if it does not hold what it says, and is to be dropped
  public boolean begin(PacketBatch batch, int index) {
    memory = batch.memory();
    start = batch.offset(index);
    int bytes = batch.length(index);
    done = 0;
    number = 0;
    int packet = start + link;
    if (link > 0 && !carriesIp(bytes)) {
      // Other things than IP go as they are, if nothing is to be done.
      whole = true;
      end = start + bytes;
      return bytes >= link
          && batch.segmentation(index) == Segmentation.NONE
          && batch.checksumStart(index) == 0;
    }
    if (!header.read(memory, packet, bytes - link)) {
      return false;
    }
    // What lies behind the packet is padding.
    end = packet + header.totalBytes();
    Segmentation what = batch.segmentation(index);
    whole = what == Segmentation.NONE;
    return whole ? sum(batch, index) : read(what, batch.gsoSize(index), packet);
  }

  private boolean carriesIp(int bytes) {
    if (bytes < link) {
      return false;
    }
    int type = IpHeader.number(memory, start + link - 2L);
    return type == ETHERTYPE_V4 || type == ETHERTYPE_V6;
  }

  /// Makes the sum of a packet that is one, where that was left to be done.
  private boolean sum(PacketBatch batch, int index) {
    if (batch.checksumStart(index) == 0) {
      return true;
    }
    int from = start + batch.checksumStart(index);
    int at = start + batch.checksumAt(index);
    if (from < start + link || at < from || at + 2 > end) {
      return false;
    }
    int sum = ~Checksum.fold(Checksum.add(memory, from, end - from, 0)) & 0xffff;
    // Zero says in UDP that there is none; the other zero of one's complement means the same sum.
    Checksum.store(memory, at, sum == 0 ? 0xffff : sum);
    return true;
  }

  private boolean read(Segmentation what, int gso, int packet) {
    int all = header.withTransport(memory, packet);
    if (all < 0
        || header.version() != what.version()
        || header.protocol() != what.protocol()
        || gso <= 0
        || link + all > MOST_HEADER
        || (end - packet - all) / gso >= MOST_PACKETS) {
      return false;
    }
    headerBytes = link + all;
    transport = link + header.headerBytes();
    size = gso;
    tcp = what.tcp();
    int carried = end - start - transport;
    int sumAt = start + transport + (tcp ? 16 : 6);
    // The field holds the pseudo header's sum, with the length of all; each packet has its own.
    pseudo = Checksum.stored(memory, sumAt) + (~Checksum.number(carried) & 0xffffL);
    Checksum.store(memory, sumAt, 0);
    if (tcp) {
      sequence = memory.get(IpHeader.NETWORK_INT, start + transport + 4L);
      flags = memory.get(JAVA_BYTE, start + transport + 13L);
    }
    id = header.version() == 4 ? IpHeader.number(memory, packet + 4L) : 0;
    MemorySegment.copy(memory, start, template, 0, headerBytes);
    return true;
  }

  /// The next packet, in [#memory] from [#offset] on.
  ///
  /// @return false if there is none
  public boolean next() {
    if (whole) {
      offset = start;
      length = end - start;
      return number++ == 0;
    }
    int payload = end - start - headerBytes;
    if (number > 0 && done >= payload) {
      return false;
    }
    int part = Math.min(size, payload - done);
    boolean last = done + part >= payload;
    offset = start + done;
    length = headerBytes + part;
    if (number > 0) {
      MemorySegment.copy(template, 0, memory, offset, headerBytes);
    }
    address();
    carry(last, length - transport);
    done += part;
    number++;
    return true;
  }

  /// What IP says of this packet.
  private void address() {
    int packet = offset + link;
    if (header.version() == 6) {
      memory.set(IpHeader.NETWORK_SHORT, packet + 4L, (short) (length - link - IpHeader.V6_BYTES));
      return;
    }
    memory.set(IpHeader.NETWORK_SHORT, packet + 2L, (short) (length - link));
    memory.set(IpHeader.NETWORK_SHORT, packet + 4L, (short) (id + number));
    Checksum.store(memory, packet + 10L, 0);
    Checksum.store(
        memory, packet + 10L, ~Checksum.fold(Checksum.add(memory, packet, transport - link, 0)));
  }

  /// What TCP or UDP says of it, and the sum.
  private void carry(boolean last, int carried) {
    int at = offset + transport;
    if (tcp) {
      memory.set(IpHeader.NETWORK_INT, at + 4L, sequence + done);
      int mine = flags & (last ? 0xff : ~FIN_PSH) & (number == 0 ? 0xff : ~CWR);
      memory.set(JAVA_BYTE, at + 13L, (byte) mine);
    } else {
      memory.set(IpHeader.NETWORK_SHORT, at + 4L, (short) carried);
    }
    long sum = Checksum.add(memory, at, carried, pseudo + Checksum.number(carried));
    int folded = ~Checksum.fold(sum) & 0xffff;
    Checksum.store(memory, at + (tcp ? 16L : 6L), folded == 0 && !tcp ? 0xffff : folded);
  }

  public MemorySegment memory() {
    return memory;
  }

  public int offset() {
    return offset;
  }

  public int length() {
    return length;
  }
}
