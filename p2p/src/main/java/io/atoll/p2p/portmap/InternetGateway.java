package io.atoll.p2p.portmap;

import io.atoll.p2p.portmap.SafeXml.Element;
import java.io.IOException;
import java.net.ProtocolException;
import java.net.URI;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The service of a gateway of UPnP that maps ports, and what it is asked.
///
/// @param type of the service, WANIPConnection or WANPPPConnection, with its version
/// @param control where it takes orders
record InternetGateway(String type, URI control) {
  private static final String SERVICE = "urn:schemas-upnp-org:service:";
  private static final List<String> TYPES =
      List.of("WANIPConnection:2", "WANIPConnection:1", "WANPPPConnection:1");

  /// What the gateway said to an order.
  sealed interface Reply {}

  record Done(Map<String, String> values) implements Reply {}

  /// @param code one of UPnP's, 0 where it gave none
  record Fault(int code, String text) implements Reply {}

  static Optional<InternetGateway> describedAt(URI location) throws IOException {
    LanHttp.Response response = LanHttp.get(location);
    if (response.status() != 200) {
      throw new ProtocolException("status " + response.status() + " of " + location);
    }
    return read(response.body(), location);
  }

  /// The best service of a description; one that is controlled on another host does not count.
  static Optional<InternetGateway> read(byte[] description, URI location) throws ProtocolException {
    List<Element> elements = SafeXml.elements(description);
    URI base =
        elements.stream()
            .filter(element -> element.name().equals("root"))
            .map(element -> element.texts().getOrDefault("URLBase", ""))
            .flatMap(text -> sameHost(location, text).stream())
            .findFirst()
            .orElse(location);
    return elements.stream()
        .filter(element -> element.name().equals("service"))
        .filter(element -> rank(element) < TYPES.size())
        .sorted(Comparator.comparingInt(InternetGateway::rank))
        .flatMap(
            element ->
                sameHost(base, element.texts().getOrDefault("controlURL", ""))
                    .map(control -> new InternetGateway(type(element), control))
                    .stream())
        .findFirst();
  }

  private static String type(Element service) {
    return service.texts().getOrDefault("serviceType", "");
  }

  private static int rank(Element service) {
    int index =
        type(service).startsWith(SERVICE)
            ? TYPES.indexOf(type(service).substring(SERVICE.length()))
            : -1;
    return index < 0 ? TYPES.size() : index;
  }

  private static Optional<URI> sameHost(URI base, String text) {
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      URI resolved = base.resolve(text);
      return "http".equals(resolved.getScheme())
              && resolved.getHost() != null
              && resolved.getHost().equals(base.getHost())
          ? Optional.of(resolved)
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /// @return no such answer, or a status without an answer, is an exception
  Reply ask(String action, String arguments) throws IOException {
    String body =
        "<?xml version=\"1.0\"?>\r\n"
            + "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\""
            + " s:encodingStyle=\"http://schemas.xmlsoap.org/soap/encoding/\"><s:Body>"
            + ("<u:" + action + " xmlns:u=\"" + type + "\">" + arguments)
            + ("</u:" + action + "></s:Body></s:Envelope>\r\n");
    LanHttp.Response response =
        LanHttp.post(
            control,
            Map.of(
                "Content-Type",
                "text/xml; charset=\"utf-8\"",
                "SOAPAction",
                "\"" + type + "#" + action + "\""),
            body);
    return reply(response, action);
  }

  static Reply reply(LanHttp.Response response, String action) throws ProtocolException {
    List<Element> elements = SafeXml.elements(response.body());
    for (Element element : elements) {
      String code = element.texts().get("errorCode");
      if (code != null) {
        String text = element.texts().getOrDefault("errorDescription", "");
        return new Fault(code.matches("\\d{1,6}") ? Integer.parseInt(code) : 0, plain(text));
      }
    }
    if (response.status() != 200) {
      return new Fault(0, "status " + response.status());
    }
    return elements.stream()
        .filter(element -> element.name().equals(action + "Response"))
        .findFirst()
        .map(element -> new Done(element.texts()))
        .orElse(new Done(Map.of()));
  }

  private static String plain(String text) {
    String printable = text.replaceAll("\\p{Cntrl}", "?");
    return printable.length() <= 80 ? printable : printable.substring(0, 80) + "…";
  }
}
