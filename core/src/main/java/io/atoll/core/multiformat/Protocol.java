package io.atoll.core.multiformat;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The parts a multiaddr may have, with the codes of the multicodec table.
public enum Protocol {
  IP4("ip4", 4, Form.IP4),
  TCP("tcp", 6, Form.PORT),
  IP6("ip6", 41, Form.IP6),
  IP6ZONE("ip6zone", 42, Form.TEXT),
  IPCIDR("ipcidr", 43, Form.BYTE),
  DNS("dns", 53, Form.TEXT),
  DNS4("dns4", 54, Form.TEXT),
  DNS6("dns6", 55, Form.TEXT),
  DNSADDR("dnsaddr", 56, Form.TEXT),
  UDP("udp", 273, Form.PORT),
  WEBRTC_DIRECT("webrtc-direct", 280, Form.NONE),
  WEBRTC("webrtc", 281, Form.NONE),
  P2P_CIRCUIT("p2p-circuit", 290, Form.NONE),
  UNIX("unix", 400, Form.PATH),
  P2P("p2p", 421, Form.PEER),
  TLS("tls", 448, Form.NONE),
  SNI("sni", 449, Form.TEXT),
  NOISE("noise", 454, Form.NONE),
  QUIC("quic", 460, Form.NONE),
  QUIC_V1("quic-v1", 461, Form.NONE),
  WEBTRANSPORT("webtransport", 465, Form.NONE),
  CERTHASH("certhash", 466, Form.MULTIBASE),
  WS("ws", 477, Form.NONE),
  WSS("wss", 478, Form.NONE),
  HTTP("http", 480, Form.NONE),
  MEMORY("memory", 777, Form.NUMBER);

  /// How the value after the name is written, in text and in binary.
  enum Form {
    NONE,
    IP4,
    IP6,
    PORT,
    BYTE,
    NUMBER,
    TEXT,
    PATH,
    PEER,
    MULTIBASE
  }

  private static final Map<String, Protocol> BY_NAME = new HashMap<>();
  private static final Map<Long, Protocol> BY_CODE = new HashMap<>();

  static {
    for (Protocol protocol : values()) {
      BY_NAME.put(protocol.text, protocol);
      BY_CODE.put((long) protocol.code, protocol);
    }
    BY_NAME.put("ipfs", P2P);
  }

  private final String text;
  private final int code;
  private final Form form;

  Protocol(String text, int code, Form form) {
    this.text = text;
    this.code = code;
    this.form = form;
  }

  /// Its name in text, such as `quic-v1`.
  public String text() {
    return text;
  }

  public int code() {
    return code;
  }

  Form form() {
    return form;
  }

  static @Nullable Protocol named(String text) {
    return BY_NAME.get(text);
  }

  static @Nullable Protocol coded(long code) {
    return BY_CODE.get(code);
  }
}
