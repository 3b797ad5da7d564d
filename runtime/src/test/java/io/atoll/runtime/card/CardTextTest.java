package io.atoll.runtime.card;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.term.IpAddress;
import io.atoll.core.term.MacAddress;
import io.atoll.core.term.NetworkId;
import io.atoll.runtime.driver.NetworkCard;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CardTextTest {
  private static final NetworkCard BLUE = card("blue", 0, "web", true);
  private static final NetworkCard RED = card("red", 1, "web", false);

  @TempDir Path folder;

  private static NetworkCard card(String network, int n, String name, boolean leaves) {
    return new NetworkCard(
        new NetworkId("n00000000000" + n),
        "net" + n,
        MacAddress.parse("02:00:00:00:77:0" + n),
        IpAddress.parse("10.7." + n + ".2"),
        24,
        IpAddress.parse("fd00:" + n + "::2"),
        64,
        IpAddress.parse("10.7." + n + ".1"),
        IpAddress.parse("fd00:" + n + "::1"),
        1400,
        network + ".internal",
        name,
        leaves);
  }

  @Test
  void aCardIsOneLineOfEightWords() {
    assertThat(CardText.word(BLUE))
        .isEqualTo("n000000000000 net0 1400 10.7.0.2/24 fd00::2/64 10.7.0.1 fd00::1 1");
    assertThat(CardText.word(RED).split(" ")).hasSize(8).endsWith("0");
  }

  @Test
  void theSwitchesAreTheNameServersAndNobodyElse() {
    assertThat(CardText.resolver(List.of(BLUE)))
        .isEqualTo("search blue.internal\nnameserver 10.7.0.1\nnameserver fd00::1\n");
    // A libc asks three at most.
    assertThat(CardText.resolver(List.of(BLUE, RED)))
        .isEqualTo(
            "search blue.internal red.internal\n"
                + "nameserver 10.7.0.1\nnameserver 10.7.1.1\nnameserver fd00::1\n");
  }

  @Test
  void hostsFollowAnAddressInTheSameFile() throws Exception {
    Path hosts = folder.resolve("hosts");
    HostsFile.write(hosts, List.of(BLUE, RED));
    Object file = Files.readAttributes(hosts, "unix:ino").get("ino");
    HostsFile.readdress(
        hosts, RED.at(IpAddress.parse("10.7.1.200"), IpAddress.parse("fd00:1::200")));
    HostsFile.readdress(hosts, BLUE.at(IpAddress.parse("10.7.0.9"), BLUE.v6()));
    assertThat(Files.readAllLines(hosts))
        .containsExactlyInAnyOrder(
            "127.0.0.1 localhost",
            "::1 localhost",
            "10.7.0.9 web.blue.internal web",
            "fd00::2 web.blue.internal web",
            "10.7.1.200 web.red.internal web",
            "fd00:1::200 web.red.internal web");
    assertThat(Files.readAttributes(hosts, "unix:ino").get("ino")).isEqualTo(file);
    assertThat(Files.getPosixFilePermissions(hosts)).hasSize(4);
  }

  @Test
  void noNameGoesBeyondItsLine() {
    for (String name : List.of("", "a b", "a\n8.8.8.8 b", "#", ".a", "a.", "x".repeat(65))) {
      assertThatThrownBy(() -> card("blue", 0, name, false))
          .as(name)
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> card("blue\nnameserver 8.8.8.8\n#", 0, "web", false))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
