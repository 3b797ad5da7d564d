package io.atoll.client.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What people write for a port.
class ForwardSpecTest {
  private static ForwardSpec spec(String bind, int local, String host, int port, boolean udp) {
    return new ForwardSpec(InetAddress.ofLiteral(bind), local, new Target(host, port), udp);
  }

  @Test
  void whatIsWrittenIsUnderstood() {
    assertThat(ForwardSpec.parse("8080:web:80"))
        .isEqualTo(spec("127.0.0.1", 8080, "web", 80, false));
    assertThat(ForwardSpec.parse("0:web.mynet.internal:80/tcp"))
        .isEqualTo(spec("127.0.0.1", 0, "web.mynet.internal", 80, false));
    assertThat(ForwardSpec.parse("0.0.0.0:53:dns:53/udp"))
        .isEqualTo(spec("0.0.0.0", 53, "dns", 53, true));
    assertThat(ForwardSpec.parse("localhost:53:10.7.0.4:53"))
        .isEqualTo(spec("127.0.0.1", 53, "10.7.0.4", 53, false));
    assertThat(ForwardSpec.parse("[::1]:1:[fd07::3]:2"))
        .isEqualTo(spec("::1", 1, "fd07::3", 2, false));
    assertThat(ForwardSpec.parse("*:1:web:2")).isEqualTo(spec("0.0.0.0", 1, "web", 2, false));
  }

  @Test
  void whatIsNoPortIsNone() {
    for (String text :
        List.of(
            "",
            "8080",
            "web:80",
            "8080:web",
            "8080:web:",
            "8080:web:0",
            "8080:web:65536",
            "65536:web:80",
            "-1:web:80",
            "8080:we/b:80",
            "8080::80",
            "host:8080:web:80",
            "[::1:8080:web:80",
            "8080:fd07::3:80",
            "8080:[web]:80",
            "8080:web:80/sctp")) {
      assertThat(ForwardSpec.parse(text)).as(text).isNull();
    }
  }
}
