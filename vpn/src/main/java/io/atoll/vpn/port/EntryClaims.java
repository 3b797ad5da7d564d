package io.atoll.vpn.port;

/// Holds what an entry says of itself against its packet, before it is handed on whole. One thread.
final class EntryClaims {
  private final int link;
  private final IpHeader header = new IpHeader();
  private int headerBytes;

  EntryClaims(Link link) {
    this.link = link.bytes();
  }

  /// Whether a packet of IP is there, of the kind that the entry says, with its sum inside it.
  boolean hold(PacketBatch batch, int index) {
    headerBytes = 0;
    int at = batch.offset(index) + link;
    if (!header.read(batch.memory(), at, batch.length(index) - link)) {
      return false;
    }
    int start = batch.checksumStart(index);
    if (start != 0 && (start < link || batch.checksumAt(index) + 2 > bytes())) {
      return false;
    }
    Segmentation what = batch.segmentation(index);
    if (what == Segmentation.NONE) {
      return true;
    }
    int all = header.withTransport(batch.memory(), at);
    headerBytes = link + all;
    return all > 0
        && header.version() == what.version()
        && header.protocol() == what.protocol()
        && batch.gsoSize(index) > 0
        && start == link + header.headerBytes();
  }

  /// Of a super-packet that holds: all headers, up to the payload; 0 of one packet.
  int headerBytes() {
    return headerBytes;
  }

  /// The packet without what may lie behind it.
  int bytes() {
    return link + header.totalBytes();
  }
}
