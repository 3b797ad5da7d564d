package io.atoll.vpn.vswitch;

import io.atoll.core.term.IpAddress;
import io.atoll.vpn.network.Member;
import io.atoll.vpn.network.Network;
import io.atoll.vpn.network.RouteTable;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordDecoder;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The names of one network (RFC 1035): `MEMBER.NETWORK.internal` and `gateway.NETWORK.internal`,
/// both ways. It knows nothing else and asks nobody: the resolver of the host has no part in it,
/// and what others may know goes to those that the network's rules name (`Sending`).
public final class NameServer {
  public static final int PORT = 53;

  /// Members come and go.
  private static final int SECONDS = 5;

  /// What fits where a resolver says nothing else (RFC 1035 §2.3.4).
  private static final int LONGEST = 512;

  private static final int HEADER = 12;
  private static final byte TRUNCATED = 2;
  private static final int RESPONSE = 0x8000;
  private static final int AUTHORITATIVE = 0x0400;
  private static final int RECURSION_DESIRED = 0x0100;
  private static final int OPERATION = 0x7800;
  private static final int POINTER_TO_QUESTION = 0xc00c;

  private NameServer() {}

  private record Answer(DnsResponseCode code, List<byte[]> data) {
    static Answer refused(DnsResponseCode code) {
      return new Answer(code, List.of());
    }
  }

  /// @return null for what deserves no answer
  static byte @Nullable [] answer(RouteTable table, byte[] query) {
    if (query.length < HEADER) {
      return null;
    }
    ByteBuffer in = ByteBuffer.wrap(query);
    int flags = in.getShort(2);
    if ((flags & RESPONSE) != 0) {
      return null;
    }
    if ((flags & OPERATION) != 0) {
      return header(in, flags, DnsResponseCode.NOTIMP);
    }
    if (in.getShort(4) != 1) {
      return header(in, flags, DnsResponseCode.FORMERR);
    }
    ByteBuf bytes = Unpooled.wrappedBuffer(query);
    bytes.skipBytes(HEADER);
    DnsQuestion question;
    try {
      question = DnsRecordDecoder.DEFAULT.decodeQuestion(bytes);
    } catch (Exception malformed) {
      // Whatever Netty throws at bytes that are no question.
      return header(in, flags, DnsResponseCode.FORMERR);
    }
    int end = bytes.readerIndex();
    return message(query, end, question.type(), answer(table, question));
  }

  /// Whether a question is one that somebody outside may know the answer to.
  static boolean isForOthers(RouteTable table, byte[] query) {
    if (query.length < HEADER) {
      return false;
    }
    ByteBuffer in = ByteBuffer.wrap(query);
    if ((in.getShort(2) & (RESPONSE | OPERATION)) != 0 || in.getShort(4) != 1) {
      return false;
    }
    ByteBuf bytes = Unpooled.wrappedBuffer(query);
    bytes.skipBytes(HEADER);
    try {
      DnsQuestion question = DnsRecordDecoder.DEFAULT.decodeQuestion(bytes);
      return question.dnsClass() == DnsRecord.CLASS_IN
          && answer(table, question).code.equals(DnsResponseCode.REFUSED);
    } catch (Exception malformed) {
      return false; // As where it is answered.
    }
  }

  /// An answer of somebody outside, without what does not fit: who wants all of it asks again.
  static byte[] shortened(byte[] answer, int most) {
    if (answer.length <= most) {
      return answer;
    }
    byte[] header = Arrays.copyOf(answer, HEADER);
    header[2] |= TRUNCATED;
    Arrays.fill(header, 4, HEADER, (byte) 0);
    return header;
  }

  private static Answer answer(RouteTable table, DnsQuestion question) {
    String name = question.name().toLowerCase(Locale.ROOT);
    name = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    if (question.dnsClass() != DnsRecord.CLASS_IN) {
      return Answer.refused(DnsResponseCode.REFUSED);
    }
    if (name.endsWith(".in-addr.arpa") || name.endsWith(".ip6.arpa")) {
      return reverse(table, name, question.type());
    }
    String domain = table.membership().network().name() + ".internal";
    if (name.equals("internal") || name.equals(domain)) {
      return new Answer(DnsResponseCode.NOERROR, List.of());
    }
    if (!name.endsWith("." + domain)) {
      // Nobody else may be asked for what ends so (ICANN keeps it for private use).
      return Answer.refused(
          name.endsWith(".internal") ? DnsResponseCode.NXDOMAIN : DnsResponseCode.REFUSED);
    }
    List<IpAddress> four = new ArrayList<>();
    List<IpAddress> six = new ArrayList<>();
    String label = name.substring(0, name.length() - domain.length() - 1);
    if (label.equals("gateway")) {
      four.add(table.membership().network().gateway4());
      six.add(table.membership().network().gateway6());
    }
    for (Member member : table.named(label)) {
      four.add(member.v4());
      six.add(member.v6());
    }
    if (four.isEmpty()) {
      return Answer.refused(DnsResponseCode.NXDOMAIN);
    }
    List<IpAddress> wanted =
        question.type().equals(DnsRecordType.A)
            ? four
            : question.type().equals(DnsRecordType.AAAA) ? six : List.of();
    // Each of several is first now and then.
    List<byte[]> data = new ArrayList<>(wanted.stream().map(IpAddress::bytes).toList());
    Collections.shuffle(data);
    return new Answer(DnsResponseCode.NOERROR, data);
  }

  private static Answer reverse(RouteTable table, String name, DnsRecordType type) {
    IpAddress address = reversed(name);
    Network network = table.membership().network();
    int found = address == null ? RouteTable.OUTSIDE : table.find(address);
    if (found == RouteTable.OUTSIDE || found == RouteTable.EVERYBODY) {
      return Answer.refused(DnsResponseCode.REFUSED);
    }
    if (found == RouteTable.NOBODY) {
      return Answer.refused(DnsResponseCode.NXDOMAIN);
    }
    String label = found == RouteTable.GATEWAY ? "gateway" : table.member(found).name();
    byte[] data = Neighbours.dnsName(label + "." + network.name() + ".internal");
    return new Answer(
        DnsResponseCode.NOERROR, type.equals(DnsRecordType.PTR) ? List.of(data) : List.of());
  }

  /// The address in a reverse name (RFC 1035 §3.5, RFC 3596 §2.5); null if there is none.
  private static @Nullable IpAddress reversed(String name) {
    List<String> labels = new ArrayList<>(List.of(name.split("\\.", -1)));
    labels.removeLast();
    boolean four = labels.removeLast().equals("in-addr");
    if (labels.size() != (four ? 4 : 32)) {
      return null;
    }
    Collections.reverse(labels);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < labels.size(); i++) {
      text.append(four ? (i > 0 ? "." : "") : i > 0 && i % 4 == 0 ? ":" : "").append(labels.get(i));
    }
    try {
      return IpAddress.parse(text.toString());
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static byte[] header(ByteBuffer query, int flags, DnsResponseCode code) {
    ByteBuffer out = ByteBuffer.allocate(HEADER).putShort(query.getShort(0));
    return out.putShort((short) answered(flags, code)).array();
  }

  private static int answered(int flags, DnsResponseCode code) {
    return RESPONSE | AUTHORITATIVE | (flags & RECURSION_DESIRED) | code.intValue();
  }

  private static byte[] message(byte[] query, int end, DnsRecordType type, Answer answer) {
    ByteBuffer in = ByteBuffer.wrap(query);
    int flags = in.getShort(2);
    ByteBuffer out = ByteBuffer.allocate(LONGEST + end);
    out.putShort(in.getShort(0)).putShort((short) answered(flags, answer.code));
    out.putShort((short) 1).putShort((short) 0).putInt(0);
    out.put(query, HEADER, end - HEADER);
    int count = 0;
    for (byte[] data : answer.data) {
      if (out.position() + HEADER + data.length > LONGEST) {
        break;
      }
      out.putShort((short) POINTER_TO_QUESTION).putShort((short) type.intValue());
      out.putShort((short) DnsRecord.CLASS_IN).putInt(SECONDS);
      out.putShort((short) data.length).put(data);
      count++;
    }
    out.putShort(6, (short) count);
    byte[] bytes = new byte[out.position()];
    out.flip().get(bytes);
    return bytes;
  }
}
