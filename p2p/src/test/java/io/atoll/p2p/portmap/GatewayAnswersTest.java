package io.atoll.p2p.portmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.atoll.core.testing.Fuzz;
import io.atoll.p2p.portmap.InternetGateway.Done;
import io.atoll.p2p.portmap.InternetGateway.Fault;
import io.atoll.p2p.portmap.MapOutcome.Cause;
import io.atoll.p2p.portmap.MapOutcome.Mapped;
import io.atoll.p2p.portmap.MapOutcome.NotMapped;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.URI;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What gateways answer, well or badly, byte by byte.
@Timeout(30)
class GatewayAnswersTest {
  private static final HexFormat HEX = HexFormat.of();
  private static final LocalPort PORT = new LocalPort(IpProtocol.TCP, 0x1d28);
  private static final Duration HOUR = Duration.ofHours(1);
  private static final byte[] NONCE = HEX.parseHex("000102030405060708090a0b");

  private static final String PCP_GRANTED =
      "028100000000025800000001000000000000000000000000"
          + "000102030405060708090a0b060000001d281d2900000000000000000000ffff05050501";

  private static final String DESCRIPTION =
      """
      <?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0"><device>
      <deviceType>urn:schemas-upnp-org:device:InternetGatewayDevice:1</deviceType><serviceList>
      <service><serviceType>urn:schemas-upnp-org:service:Layer3Forwarding:1</serviceType>
      <controlURL>/wrong</controlURL></service></serviceList><deviceList><device><serviceList>
      <service><serviceType>urn:schemas-upnp-org:service:WANPPPConnection:1</serviceType>
      <controlURL>/ppp</controlURL></service>
      <service><serviceType>urn:schemas-upnp-org:service:WANIPConnection:1</serviceType>
      <controlURL>ctl/IP</controlURL></service>
      </serviceList></device></deviceList></device></root>
      """;

  /// A gateway on loopback that answers each packet with what the function makes of it.
  private static MapOutcome at(UnaryOperator<byte[]> answers, boolean pcp) throws Exception {
    InetAddress here = InetAddress.getLoopbackAddress();
    try (DatagramSocket socket = new DatagramSocket(0, here)) {
      Thread server =
          Thread.startVirtualThread(
              () -> {
                try {
                  while (true) {
                    DatagramPacket packet = new DatagramPacket(new byte[1100], 1100);
                    socket.receive(packet);
                    byte[] answer =
                        answers.apply(Arrays.copyOf(packet.getData(), packet.getLength()));
                    socket.send(
                        new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
                  }
                } catch (Exception closed) {
                  // The test is over.
                }
              });
      InetSocketAddress gateway = new InetSocketAddress(here, socket.getLocalPort());
      PortProtocol protocol = pcp ? new Pcp(gateway) : new NatPmp(gateway);
      try {
        return protocol.map(PORT, PORT.port(), HOUR);
      } finally {
        server.interrupt();
      }
    }
  }

  @Test
  void natPmpMapsAndSaysWhatWentWrong() throws Exception {
    List<String> asked = new ArrayList<>();
    MapOutcome mapped =
        at(
            request -> {
              asked.add(HEX.formatHex(request));
              return HEX.parseHex(
                  request.length == 2
                      ? "008000000000000105050501"
                      : "00820000000000011d281d2900000258");
            },
            false);
    assertThat(asked).containsExactly("0000", "000200001d281d2800000e10");
    assertThat(mapped)
        .isEqualTo(
            new Mapped(
                new InetSocketAddress("5.5.5.1", 0x1d29), Duration.ofSeconds(600), "NAT-PMP"));
    List<Cause> causes =
        List.of(
            Cause.NOT_SUPPORTED,
            Cause.REFUSED,
            Cause.NO_EXTERNAL_ADDRESS,
            Cause.NO_RESOURCES,
            Cause.NOT_SUPPORTED,
            Cause.MALFORMED);
    for (int result = 1; result <= causes.size(); result++) {
      byte[] answer = HEX.parseHex("0080000" + result + "00000001" + "00000000");
      assertThat(cause(at(_ -> answer, false))).isEqualTo(causes.get(result - 1));
    }
  }

  @Test
  void pcpMapsAndSaysWhatWentWrong() throws Exception {
    List<byte[]> asked = new ArrayList<>();
    MapOutcome mapped =
        at(
            request -> {
              asked.add(request);
              return granted(request);
            },
            true);
    assertThat(mapped)
        .isEqualTo(
            new Mapped(new InetSocketAddress("5.5.5.1", 0x1d29), Duration.ofSeconds(600), "PCP"));
    String request = HEX.formatHex(asked.getFirst());
    assertThat(request)
        .startsWith("0201000000000e1000000000000000000000ffff7f000001")
        .endsWith("060000001d281d2800000000000000000000ffff00000000")
        .hasSize(120);
    byte[] refused = HEX.parseHex("028100020000070800000001000000000000000000000000");
    assertThat(cause(at(_ -> refused, true))).isEqualTo(Cause.REFUSED);
    // What a gateway says that knows NAT-PMP alone.
    byte[] old = HEX.parseHex("0081000100000001");
    assertThat(cause(at(_ -> old, true))).isEqualTo(Cause.NOT_SUPPORTED);
  }

  @Test
  void whoeverDoesNotKnowTheQuestionIsNotBelieved() {
    byte[] granted = HEX.parseHex(PCP_GRANTED);
    assertThat(Pcp.read(granted, PORT, NONCE))
        .contains(new Pcp.Granted(new InetSocketAddress("5.5.5.1", 0x1d29), 600));
    assertThat(Pcp.read(granted, PORT, new byte[12])).isEmpty();
    assertThat(Pcp.read(granted, new LocalPort(IpProtocol.UDP, PORT.port()), NONCE)).isEmpty();
    assertThat(Pcp.read(granted, new LocalPort(IpProtocol.TCP, 1), NONCE)).isEmpty();
    byte[] other = HEX.parseHex("00820000000000011d291d2900000258");
    assertThat(NatPmp.read(other, 2, PORT)).isEmpty();
    assertThat(NatPmp.read(other, 1, new LocalPort(IpProtocol.TCP, 0x1d29))).isEmpty();
  }

  @Test
  void nobodyThereIsSaidSoonAndNoException() throws Exception {
    try (DatagramSocket silent = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      InetSocketAddress gateway =
          new InetSocketAddress(InetAddress.getLoopbackAddress(), silent.getLocalPort());
      assertThat(cause(new Pcp(gateway).map(PORT, 1, HOUR))).isEqualTo(Cause.NO_ANSWER);
    }
  }

  /// A device of UPnP on loopback: the first words of the reply's body say its status.
  private static MapOutcome upnp(UnaryOperator<String> control) throws Exception {
    InetAddress here = InetAddress.getLoopbackAddress();
    HttpServer server = HttpServer.create(new InetSocketAddress(here, 0), 0);
    server.createContext(
        "/",
        exchange -> {
          boolean described = exchange.getRequestURI().getPath().equals("/desc.xml");
          String action = exchange.getRequestHeaders().getFirst("SOAPAction");
          String asked = action + " " + new String(exchange.getRequestBody().readAllBytes(), UTF_8);
          String reply = described ? DESCRIPTION : control.apply(asked);
          byte[] bytes = reply.getBytes(UTF_8);
          exchange.sendResponseHeaders(reply.contains("errorCode") ? 500 : 200, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
    try {
      URI location = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/desc.xml");
      return new Upnp(here, (_, _) -> List.of(location)).map(PORT, PORT.port(), HOUR);
    } finally {
      server.stop(0);
    }
  }

  private static final Charset UTF_8 = StandardCharsets.UTF_8;

  private static String done(String action, String inner) {
    return "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body><u:"
        + (action + "Response xmlns:u=\"urn:x\">" + inner + "</u:" + action)
        + "Response></s:Body></s:Envelope>";
  }

  private static String error(int code) {
    return "<s:Envelope xmlns:s=\"x\"><s:Body><s:Fault><detail><UPnPError><errorCode>"
        + (code + "</errorCode><errorDescription>No\nway</errorDescription></UPnPError></detail>")
        + "</s:Fault></s:Body></s:Envelope>";
  }

  @Test
  void upnpTakesAnotherPortAndForEverWhereItMust() throws Exception {
    List<String> asked = new ArrayList<>();
    MapOutcome outcome =
        upnp(
            request -> {
              asked.add(request);
              if (request.contains("#GetExternalIPAddress")) {
                return done(
                    "GetExternalIPAddress", "<NewExternalIPAddress>5.5.5.1</NewExternalIPAddress>");
              }
              if (request.contains("<NewLeaseDuration>3600<")) {
                return error(725);
              }
              if (request.contains("<NewExternalPort>" + PORT.port() + "<")) {
                return error(718);
              }
              return done("AddPortMapping", "");
            });
    assertThat(outcome).isInstanceOf(Mapped.class);
    Mapped mapped = (Mapped) outcome;
    assertThat(mapped.external().getPort()).isBetween(20_000, 60_000);
    assertThat(mapped.lifetime()).isEqualTo(HOUR);
    assertThat(asked)
        .hasSize(4)
        .allMatch(line -> line.startsWith("\"urn:schemas-upnp-org:service:WANIPConnection:1#"));
    assertThat(asked.get(1))
        .contains("<NewInternalClient>127.0.0.1</NewInternalClient>", "<NewProtocol>TCP<");
  }

  @Test
  void whatUpnpRefusesHasACause() throws Exception {
    assertThat(cause(upnp(_ -> error(606)))).isEqualTo(Cause.REFUSED);
    assertThat(cause(upnp(_ -> done("GetExternalIPAddress", ""))))
        .isEqualTo(Cause.NO_EXTERNAL_ADDRESS);
    assertThat(cause(upnp(_ -> "<no xml"))).isEqualTo(Cause.MALFORMED);
    NotMapped failed = (NotMapped) upnp(_ -> error(402));
    assertThat(failed.text()).contains("402 No?way").doesNotContain("\n");
  }

  @Test
  void aDescriptionOpensNoFileAndLeadsNowhereElse() throws Exception {
    URI location = URI.create("http://10.0.0.1:5000/dir/desc.xml");
    assertThat(InternetGateway.read(DESCRIPTION.getBytes(UTF_8), location))
        .contains(
            new InternetGateway(
                "urn:schemas-upnp-org:service:WANIPConnection:1",
                URI.create("http://10.0.0.1:5000/dir/ctl/IP")));
    for (String elsewhere :
        List.of("http://10.0.0.9/ctl", "https://10.0.0.1/ctl", "file:///etc/passwd", "//evil/x")) {
      String description = DESCRIPTION.replace("ctl/IP", elsewhere).replace("/ppp", elsewhere);
      assertThat(InternetGateway.read(description.getBytes(UTF_8), location))
          .as(elsewhere)
          .isEmpty();
    }
    String reading =
        "<!DOCTYPE root [<!ENTITY x SYSTEM \"file:///etc/hostname\">]>"
            + DESCRIPTION.substring(DESCRIPTION.indexOf("<root")).replace("ctl/IP", "&x;");
    assertThatThrownBy(() -> InternetGateway.read(reading.getBytes(UTF_8), location))
        .isInstanceOf(ProtocolException.class);
    String deep = "<a>".repeat(100) + "</a>".repeat(100);
    assertThatThrownBy(() -> SafeXml.elements(deep.getBytes(UTF_8))).hasMessageContaining("deep");
  }

  @Test
  void onlyTheSenderItselfIsALocation() throws Exception {
    InetAddress from = InetAddress.getByName("10.0.0.1");
    String ok = "HTTP/1.1 200 OK\r\nST: x\r\nLocation: http://10.0.0.1:5000/d\r\n\r\n";
    assertThat(Ssdp.location(ok, from)).contains(URI.create("http://10.0.0.1:5000/d"));
    assertThat(Ssdp.location(ok, InetAddress.getByName("10.0.0.2"))).isEmpty();
    assertThat(Ssdp.location(ok.replace("200", "404"), from)).isEmpty();
    assertThat(Ssdp.location(ok.replace("http:", "https:"), from)).isEmpty();
    assertThat(Ssdp.location(ok.replace("10.0.0.1", "a@10.0.0.1"), from)).isEmpty();
    assertThat(Ssdp.location("NOTIFY * HTTP/1.1\r\nLocation: http://10.0.0.1/\r\n", from))
        .isEmpty();
  }

  @Test
  void theDefaultRouteIsTheOneWithTheSmallestMetric() throws Exception {
    List<String> lines =
        List.of(
            "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT",
            "eth0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0",
            "wlan0\t00000000\t0100A8C0\t0003\t0\t0\t20\t00000000\t0\t0\t0",
            "tun0\t00000000\t0100000A\t0003\t0\t0\t0\t00000080\t0\t0\t0",
            "eth1\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0",
            "eth0\t0002000C\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0",
            "garbage");
    assertThat(DefaultGateway.read(lines).map(InetAddress::getHostAddress)).contains("192.168.0.1");
    assertThat(DefaultGateway.read(List.of())).isEmpty();
  }

  @Test
  void damagedAnswers() {
    List<byte[]> samples =
        List.of(
            HEX.parseHex(PCP_GRANTED),
            HEX.parseHex("00820000000000011d281d2900000258"),
            HEX.parseHex("008000000000000105050501"),
            DESCRIPTION.getBytes(UTF_8),
            done("GetExternalIPAddress", "<NewExternalIPAddress>5.5.5.1</NewExternalIPAddress>")
                .getBytes(UTF_8),
            error(725).getBytes(UTF_8),
            "HTTP/1.1 200 OK\r\nLocation: http://10.0.0.1:5000/d\r\n\r\n".getBytes(UTF_8));
    URI location = URI.create("http://10.0.0.1:5000/desc.xml");
    Fuzz.rounds(
        "answers of gateways",
        10_000,
        random -> {
          byte[] bytes = Fuzz.bytes(random, samples);
          Optional<Pcp.Answer> pcp = Pcp.read(bytes, PORT, NONCE);
          if (pcp.orElse(null) instanceof Pcp.Granted(var external, var seconds)) {
            assertThat(seconds).isBetween(0L, 0xffffffffL);
            assertThat(external.getPort()).isBetween(0, 65535);
          }
          NatPmp.read(bytes, random.nextInt(3), PORT);
          Ssdp.location(
                  new String(bytes, StandardCharsets.ISO_8859_1), InetAddress.getLoopbackAddress())
              .ifPresent(uri -> assertThat(uri.getHost()).isEqualTo("127.0.0.1"));
          try {
            InternetGateway.read(bytes, location)
                .ifPresent(found -> assertThat(found.control().getHost()).isEqualTo("10.0.0.1"));
            switch (InternetGateway.reply(new LanHttp.Response(200, bytes), "AddPortMapping")) {
              case Done done -> assertThat(done.values()).isNotNull();
              case Fault fault -> assertThat(fault.text()).doesNotContain("\n");
            }
          } catch (ProtocolException refused) {
            assertThat(refused).hasMessageContaining("XML");
          }
        });
  }

  private static byte[] granted(byte[] request) {
    byte[] answer = HEX.parseHex(PCP_GRANTED);
    System.arraycopy(request, 24, answer, 24, 12);
    return answer;
  }

  private static Cause cause(MapOutcome outcome) {
    assertThat(outcome).isInstanceOf(NotMapped.class);
    return ((NotMapped) outcome).cause();
  }
}
