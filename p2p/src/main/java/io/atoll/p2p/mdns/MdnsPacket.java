package io.atoll.p2p.mdns;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.dns.DefaultDnsPtrRecord;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DefaultDnsRawRecord;
import io.netty.handler.codec.dns.DnsPtrRecord;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRawRecord;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordDecoder;
import io.netty.handler.codec.dns.DnsRecordEncoder;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.util.ReferenceCountUtil;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// What of a packet of DNS matters here. Names are in lower case, without a dot at their end.
sealed interface MdnsPacket {
  /// The largest packet of mDNS (RFC 6762 §17).
  int MAX_BYTES = 9000;

  /// More than these in one packet are no honest answer on a home's network.
  int MAX_RECORDS = 256;

  /// @param names whose PTR records are asked for
  record Query(List<String> names) implements MdnsPacket {
    public Query {
      names = List.copyOf(names);
    }
  }

  /// @param pointers from the name of a service to those of its instances
  /// @param texts by the name of an instance
  record Answer(Map<String, List<String>> pointers, Map<String, List<String>> texts)
      implements MdnsPacket {}

  static MdnsPacket decode(byte[] bytes) throws ProtocolException {
    if (bytes.length > MAX_BYTES) {
      throw new ProtocolException("a packet of mDNS of " + bytes.length + " bytes");
    }
    ByteBuf in = Unpooled.wrappedBuffer(bytes);
    try {
      in.skipBytes(2);
      int flags = in.readUnsignedShort();
      int questions = in.readUnsignedShort();
      int records = in.readUnsignedShort() + in.readUnsignedShort() + in.readUnsignedShort();
      // The kind of operation and the outcome are zero, or the packet is to be ignored.
      if ((flags & 0x780f) != 0 || questions + records > MAX_RECORDS) {
        throw new ProtocolException("a packet of DNS that is none of mDNS");
      }
      List<String> asked = new ArrayList<>();
      for (int i = 0; i < questions; i++) {
        DnsQuestion question = DnsRecordDecoder.DEFAULT.decodeQuestion(in);
        if (question.type().equals(DnsRecordType.PTR)
            || question.type().equals(DnsRecordType.ANY)) {
          asked.add(plain(question.name()));
        }
      }
      return (flags & 0x8000) == 0 ? new Query(asked) : answer(in, records);
    } catch (ProtocolException e) {
      throw e;
    } catch (Exception e) {
      // Whatever Netty throws at bytes that are no DNS.
      throw new ProtocolException("a packet of mDNS is malformed: " + e.getMessage());
    }
  }

  private static Answer answer(ByteBuf in, int records) throws Exception {
    Map<String, List<String>> pointers = new HashMap<>();
    Map<String, List<String>> texts = new HashMap<>();
    for (int i = 0; i < records; i++) {
      DnsRecord record = DnsRecordDecoder.DEFAULT.decodeRecord(in);
      if (record == null) {
        throw new ProtocolException("a packet of mDNS ends within a record");
      }
      try {
        // A time to live of 0 takes back what was said before.
        if (record.timeToLive() == 0) {
          continue;
        }
        if (record instanceof DnsPtrRecord pointer) {
          pointers
              .computeIfAbsent(plain(record.name()), _ -> new ArrayList<>())
              .add(plain(pointer.hostname()));
        } else if (record.type().equals(DnsRecordType.TXT) && record instanceof DnsRawRecord raw) {
          texts
              .computeIfAbsent(plain(record.name()), _ -> new ArrayList<>())
              .addAll(strings(raw.content()));
        }
      } finally {
        ReferenceCountUtil.release(record);
      }
    }
    return new Answer(pointers, texts);
  }

  private static List<String> strings(ByteBuf content) {
    List<String> strings = new ArrayList<>();
    while (content.isReadable()) {
      strings.add(
          content.readCharSequence(content.readUnsignedByte(), StandardCharsets.UTF_8).toString());
    }
    return strings;
  }

  private static String plain(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
  }

  static byte[] query(ServiceTag tag) {
    ByteBuf out = Unpooled.buffer(64);
    header(out, 0, 1, 0, 0);
    try {
      DnsRecordEncoder.DEFAULT.encodeQuestion(
          new DefaultDnsQuestion(tag.name(), DnsRecordType.PTR), out);
    } catch (Exception e) {
      throw new IllegalStateException("a tag is a name of DNS", e);
    }
    return ByteBufUtil.getBytes(out);
  }

  /// @param ttl in seconds
  /// @param host an IPv4 address, 4 bytes
  static byte[] answer(ServiceTag tag, String name, List<String> texts, int ttl, byte[] host) {
    String instance = name + "." + tag.name();
    String machine = name + ".local";
    ByteBuf text = Unpooled.buffer();
    for (String string : texts) {
      byte[] bytes = string.getBytes(StandardCharsets.UTF_8);
      text.writeByte(bytes.length).writeBytes(bytes);
    }
    ByteBuf out = Unpooled.buffer(512);
    header(out, 0x8400, 0, 1, 3);
    try {
      encode(out, new DefaultDnsPtrRecord(tag.name(), DnsRecord.CLASS_IN, ttl, instance));
      encode(out, new DefaultDnsRawRecord(instance, DnsRecordType.TXT, ttl, text));
      // Port 4001 as go-libp2p writes it: whoever reads this looks at the text only.
      ByteBuf service = Unpooled.buffer().writeShort(0).writeShort(0).writeShort(4001);
      for (String label : machine.split("\\.", -1)) {
        service.writeByte(label.length()).writeCharSequence(label, StandardCharsets.US_ASCII);
      }
      encode(out, new DefaultDnsRawRecord(instance, DnsRecordType.SRV, ttl, service.writeByte(0)));
      encode(
          out,
          new DefaultDnsRawRecord(machine, DnsRecordType.A, ttl, Unpooled.wrappedBuffer(host)));
    } catch (Exception e) {
      throw new IllegalStateException("names that we made are names of DNS", e);
    }
    return ByteBufUtil.getBytes(out);
  }

  private static void header(ByteBuf out, int flags, int questions, int answers, int additionals) {
    out.writeShort(0).writeShort(flags).writeShort(questions);
    out.writeShort(answers).writeShort(0).writeShort(additionals);
  }

  private static void encode(ByteBuf out, DnsRecord record) throws Exception {
    DnsRecordEncoder.DEFAULT.encodeRecord(record, out);
  }
}
