package io.atoll.p2p.pnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.p2p.testing.Later;
import io.atoll.p2p.testing.Pipe;
import io.atoll.p2p.transport.Wire;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class NetworkKeyTest {
  private static final String HEADER = "/key/swarm/psk/1.0.0/\n";

  @Test
  void theThreeEncodingsAreOneKey() {
    byte[] raw = new byte[32];
    new Random(1).nextBytes(raw);
    NetworkKey hex = parse(HEADER + "/base16/\n" + HexFormat.of().formatHex(raw) + "\n");
    NetworkKey windows = parse(HEADER.strip() + "\r\n/base16/\r\n" + HexFormat.of().formatHex(raw));
    NetworkKey base64 =
        parse(HEADER + "/base64/\n" + Base64.getEncoder().encodeToString(raw) + "\n");
    var file = new ByteArrayOutputStream();
    file.writeBytes((HEADER + "/bin/\n").getBytes(StandardCharsets.US_ASCII));
    file.writeBytes(raw);
    NetworkKey bin = NetworkKey.parse(file.toByteArray());
    for (NetworkKey same :
        new NetworkKey[] {windows, base64, bin, NetworkKey.parse(hex.encode())}) {
      assertThat(same.encode()).isEqualTo(hex.encode());
      assertThat(same.fingerprint()).isEqualTo(hex.fingerprint());
    }
    assertThat(NetworkKey.generate().fingerprint()).isNotEqualTo(hex.fingerprint());
    assertThat(hex.toString()).doesNotContain(HexFormat.of().formatHex(raw));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\n\n",
        "secret",
        "/key/swarm/psk/1.0.0/",
        "/key/swarm/psk/1.0.0/\n",
        "/key/swarm/psk/1.0.0/\n/base16/",
        "/key/swarm/psk/1.0.0/\n/base16/\n00ff",
        "/key/swarm/psk/1.0.0/\n/base16/\nsecret",
        "/key/swarm/psk/1.0.0/\n/base64/\nsecret",
        "/key/swarm/psk/1.0.0/\n/bin/\nsecret",
        "/key/swarm/psk/2.0.0/\n/base16/\n00"
      })
  void whatIsNoKeyIsSaidWithoutRepeatingIt(String file) {
    assertThatThrownBy(() -> parse(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("not a key of a private network")
        .hasMessageNotContaining("secret");
  }

  @Test
  void membersUnderstandEachOther() throws Exception {
    NetworkKey key = NetworkKey.generate();
    Pipe pipe = new Pipe(50_000);
    Wire left = key.protect(pipe.left());
    Wire right = key.protect(pipe.right());
    byte[] data = new byte[300_000];
    new Random(2).nextBytes(data);
    for (Wire[] way : new Wire[][] {{left, right}, {right, left}}) {
      var written =
          Later.run(
              () -> {
                way[0].out().write(data[0]);
                way[0].out().write(data, 1, 40);
                way[0].out().write(data, 41, data.length - 41);
                way[0].out().flush();
                return true;
              });
      assertThat(way[1].in().readNBytes(data.length)).isEqualTo(data);
      assertThat(written.get()).isTrue();
    }
  }

  @Test
  void nobodyElseUnderstandsAWord() throws Exception {
    Pipe pipe = new Pipe(50_000);
    byte[] hello = "/multistream/1.0.0".repeat(20).getBytes(StandardCharsets.UTF_8);
    NetworkKey.generate().protect(pipe.left()).out().write(hello);
    byte[] seen = new byte[hello.length];
    pipe.right().in().readNBytes(24);
    pipe.right().in().readNBytes(seen, 0, seen.length);
    assertThat(Arrays.equals(seen, hello)).isFalse();
    NetworkKey.generate().protect(pipe.left()).out().write(hello);
    byte[] guessed = NetworkKey.generate().protect(pipe.right()).in().readNBytes(hello.length);
    assertThat(Arrays.equals(guessed, hello)).isFalse();
  }

  private static NetworkKey parse(String file) {
    return NetworkKey.parse(file.getBytes(StandardCharsets.UTF_8));
  }
}
