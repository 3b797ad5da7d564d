package io.atoll.core.term;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/// Where a published port of a workload is reached, written `80/tcp->host:port`.
public record Endpoint(Port port, String host, int hostPort) {

  @JsonCreator
  public static Endpoint parse(String text) {
    int arrow = text.indexOf("->");
    int colon = text.lastIndexOf(':');
    if (arrow < 0 || colon < arrow) {
      throw new IllegalArgumentException(
          "not an endpoint: '" + text + "'; expected 80/tcp->host:port");
    }
    return new Endpoint(
        Port.parse(text.substring(0, arrow)),
        text.substring(arrow + 2, colon),
        Integer.parseInt(text.substring(colon + 1)));
  }

  @JsonValue
  @Override
  public String toString() {
    return port + "->" + host + ":" + hostPort;
  }
}
