package io.atoll.core.term;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.error.AtollException;
import io.atoll.core.identity.PeerId;
import io.atoll.core.json.Json;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TermsTest {
  private static final PeerId HUB =
      new PeerId("12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA");

  @ParameterizedTest
  @CsvSource({
    "512M,512000000",
    "4Gi,4294967296",
    "17,17",
    "1.5k,1500",
    "1Ki,1024",
    "2 MiB,2097152",
    "0,0"
  })
  void readsSizes(String text, long bytes) {
    assertThat(ByteSize.parse(text)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "M", "-1", "1e9", "1.5.2G", "9999999P", "1 G B", "４"})
  void refusesWhatIsNoSize(String text) {
    assertThatThrownBy(() -> ByteSize.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not a size");
  }

  @Test
  void sizesReadBackAsWritten() {
    assertThat(ByteSize.format(4L << 30)).isEqualTo("4Gi");
    assertThat(ByteSize.format(1536)).isEqualTo("1.5Ki");
    assertThat(ByteSize.format(999)).isEqualTo("999");
  }

  @Test
  void epochsGrowByGenerationFirst() {
    assertThat(new Epoch(2, 1)).isGreaterThan(new Epoch(1, 99));
    assertThat(new Epoch(1, 2)).isGreaterThan(new Epoch(1, 1));
    assertThat(Epoch.parse("3-14")).isEqualTo(new Epoch(3, 14));
    assertThatThrownBy(() -> Epoch.parse("-1")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Epoch.parse("1--1")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void runIdsReadBack() {
    RunId run = new RunId(TaskId.random(new Random(1)), new Epoch(1, 7));
    assertThat(RunId.parse(run.toString())).isEqualTo(run);
    assertThatThrownBy(() -> RunId.parse("../etc/passwd"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void endpointsAreWrittenAsUsersKnowThem() {
    Endpoint endpoint = new Endpoint(Port.parse("80"), "127.0.0.1", 32768);
    assertThat(endpoint).hasToString("80/tcp->127.0.0.1:32768");
    assertThat(Endpoint.parse("53/udp->[::1]:5353").host()).isEqualTo("[::1]");
  }

  @Test
  void valuesAreTextInJson() throws Exception {
    TaskId id = TaskId.random(new Random(2));
    assertThat(Json.write(List.of(id, new Epoch(1, 2), HUB)))
        .isEqualTo("[\"" + id + "\",\"1-2\",\"" + HUB + "\"]");
    assertThat(Json.read("\"" + id + "\"", TaskId.class)).isEqualTo(id);
  }

  @Test
  void anInviteIsOneLineAndReadsBack() {
    Invite invite =
        new Invite("i1", "secret", HUB, List.of("/ip4/127.0.0.1/tcp/7464"), "http://127.0.0.1:1");
    assertThat(invite.text()).startsWith("atoll-invite-").doesNotContain("\n");
    assertThat(Invite.parse(" " + invite.text() + "\n")).isEqualTo(invite);
    assertThat(invite.toString()).doesNotContain("secret");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "atoll-invite-", "atoll-invite-%%%", "hello", "atoll-invite-e30"})
  void refusesWhatIsNoInvite(String text) {
    assertThatThrownBy(() -> Invite.parse(text))
        .isInstanceOf(AtollException.class)
        .hasMessageContaining("not a whole invite");
  }
}
