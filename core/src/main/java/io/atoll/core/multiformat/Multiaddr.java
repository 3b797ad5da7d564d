package io.atoll.core.multiformat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// An address that says how to speak to what it names, such as `/ip4/10.0.0.7/tcp/7464/p2p/12D3…`.
/// Values are canonical: two equal addresses have equal text and equal bytes.
public record Multiaddr(List<Part> parts) {
  private static final int MAX_PARTS = 32;

  /// One protocol with its value, which is empty where the protocol has none.
  public record Part(Protocol protocol, String value) {
    public Part {
      value = PartCodec.canonical(protocol, value);
    }
  }

  public Multiaddr {
    parts = List.copyOf(parts);
    if (parts.isEmpty() || parts.size() > MAX_PARTS) {
      throw new IllegalArgumentException("a multiaddr has 1 to " + MAX_PARTS + " parts");
    }
  }

  /// Parses text; a protocol that is not known is an error that names it.
  public static Multiaddr parse(String text) {
    if (!text.startsWith("/")) {
      throw new IllegalArgumentException("not a multiaddr, it starts with /: " + shown(text));
    }
    String[] words = text.substring(1).split("/", -1);
    int count = words[words.length - 1].isEmpty() ? words.length - 1 : words.length;
    List<Part> parts = new ArrayList<>();
    for (int i = 0; i < count; ) {
      Protocol protocol = Protocol.named(words[i]);
      if (protocol == null) {
        throw new IllegalArgumentException(
            "unknown protocol “" + shown(words[i]) + "” in multiaddr " + shown(text));
      }
      i++;
      switch (protocol.form()) {
        case NONE -> parts.add(new Part(protocol, ""));
        case PATH -> {
          parts.add(
              new Part(protocol, "/" + String.join("/", List.of(words).subList(i, words.length))));
          i = count;
        }
        case IP4, IP6, PORT, BYTE, NUMBER, TEXT, PEER, MULTIBASE -> {
          if (i == count) {
            throw new IllegalArgumentException(
                "no value after /" + protocol.text() + " in multiaddr " + shown(text));
          }
          parts.add(new Part(protocol, words[i++]));
        }
      }
    }
    return new Multiaddr(parts);
  }

  /// Parses the binary form, whole.
  public static Multiaddr parse(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    List<Part> parts = new ArrayList<>();
    while (in.hasRemaining()) {
      long code = Uvarint.read(in);
      Protocol protocol = Protocol.coded(code);
      if (protocol == null) {
        throw new IllegalArgumentException("unknown protocol code " + code + " in a multiaddr");
      }
      parts.add(new Part(protocol, PartCodec.read(protocol, in)));
      if (protocol == Protocol.UNIX && in.hasRemaining()) {
        throw new IllegalArgumentException("a path ends a multiaddr, and more follows it");
      }
    }
    return new Multiaddr(parts);
  }

  /// Those of a peer's addresses that this version understands, in their order.
  public static List<Multiaddr> parseKnown(List<byte[]> addresses) {
    List<Multiaddr> known = new ArrayList<>();
    for (byte[] address : addresses) {
      try {
        known.add(parse(address));
      } catch (IllegalArgumentException notUnderstood) {
        // A newer peer may have protocols that are not known here: its other addresses still count.
      }
    }
    return known;
  }

  public byte[] bytes() {
    var out = new ByteArrayOutputStream();
    for (Part part : parts) {
      Uvarint.write(out, part.protocol().code());
      PartCodec.write(part, out);
    }
    return out.toByteArray();
  }

  /// The value of the first part of a protocol.
  public Optional<String> value(Protocol protocol) {
    return parts.stream().filter(part -> part.protocol() == protocol).map(Part::value).findFirst();
  }

  /// The peer id at the end, as base58 text.
  public Optional<String> peer() {
    Part last = parts.getLast();
    return last.protocol() == Protocol.P2P ? Optional.of(last.value()) : Optional.empty();
  }

  /// The same address with this peer at its end.
  public Multiaddr withPeer(String peer) {
    List<Part> named =
        new ArrayList<>(peer().isPresent() ? parts.subList(0, parts.size() - 1) : parts);
    named.add(new Part(Protocol.P2P, peer));
    return new Multiaddr(named);
  }

  /// The same address without a peer at its end.
  public Multiaddr withoutPeer() {
    return peer().isPresent() && parts.size() > 1
        ? new Multiaddr(parts.subList(0, parts.size() - 1))
        : this;
  }

  @Override
  public String toString() {
    var text = new StringBuilder();
    for (Part part : parts) {
      text.append('/').append(part.protocol().text());
      switch (part.protocol().form()) {
        case NONE -> {}
        case PATH -> text.append(part.value());
        case IP4, IP6, PORT, BYTE, NUMBER, TEXT, PEER, MULTIBASE ->
            text.append('/').append(part.value());
      }
    }
    return text.toString();
  }

  private static String shown(String text) {
    String printable = text.replaceAll("\\p{Cntrl}", "?");
    return printable.length() <= 100 ? printable : printable.substring(0, 100) + "…";
  }
}
