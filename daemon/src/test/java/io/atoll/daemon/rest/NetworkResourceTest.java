package io.atoll.daemon.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.core.json.Json;
import io.atoll.daemon.rest.CommandLineFixture.Result;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// `atoll p2p`, and the routes below it.
class NetworkResourceTest {
  private static final String P2P = "/api/v1/p2p";
  private static final String PEER = MemoryPeers.PEER.text();

  private CommandLineFixture cli;

  @BeforeEach
  void start() throws Exception {
    cli = new CommandLineFixture();
  }

  @AfterEach
  void stop() {
    cli.close();
  }

  private String said(String... words) {
    Result result = cli.run(words);
    assertThat(result.status()).as(result.err()).isZero();
    return result.out();
  }

  private JsonNode json(String... words) throws Exception {
    return Json.mapper().readTree(said(words));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/self",
        "/peers",
        "/peers/x",
        "/streams",
        "/latency",
        "/dht",
        "/dht/value?key=/pk/x"
      })
  void onlyTheOwnersKeyReachesTheNetwork(String path) throws Exception {
    cli.served.peers.owner = false;
    assertThat(cli.served.get(P2P + path).code()).isEqualTo("DENIED");
    assertThat(cli.served.post(P2P + "/peers/x/dial", "{}").code()).isEqualTo("DENIED");
    assertThat(cli.run("p2p", "peers").status()).isEqualTo(4);
  }

  @Test
  void statusSaysHowAPeerIsConnected() throws Exception {
    assertThat(said("p2p", "status", PEER))
        .contains("relayed by 12D3KooWGz", "over tcp, noise", "1.50 ms", "by this daemon")
        .doesNotContain("\u001b");
    assertThat(said("p2p", "status", PEER, "-q")).isEqualTo("relayed\n");
    assertThat(json("p2p", "status", PEER, "-o", "json").get("way").asText()).isEqualTo("RELAYED");
    String address = "/ip4/192.0.2.9/tcp/1/p2p/" + PEER;
    assertThat(said("p2p", "dial", address)).contains("direct over tcp, noise");
    assertThat(cli.served.peers.network.dialled).containsExactly(List.of(address));
  }

  @Test
  void peersAndStreamsAreListed() throws Exception {
    assertThat(said("p2p", "peers")).contains(PEER, "relayed", "noise").doesNotContain("\u001b");
    assertThat(json("p2p", "peers", "--known", "-o", "json")).hasSize(2);
    assertThat(said("p2p", "peers", "-q")).isEqualTo(PEER + "\n");
    assertThat(said("p2p", "self")).contains("atoll/test", "private", "client");
    assertThat(said("p2p", "self"))
        .contains("key 0123456789abcdef", "203.0.113.9:7464, by PCP", "UDP port 7464 is not")
        .contains("rtt<50ms");
    JsonNode stream = json("p2p", "streams", "-o", "json").get(0);
    assertThat(stream.get("id").asLong()).isEqualTo(7);
    assertThat(stream.get("stream_id").asText()).isEqualTo("T1W2-1-7");
    assertThat(stream.get("from_peer").asText()).isEqualTo(PEER);
    assertThat(stream.get("time_opened").asText()).isEqualTo("1970-01-01T00:00:00Z");
    assertThat(said("p2p", "streams")).contains("/atoll/chat/1.0.0");
  }

  @Test
  void pingFindBenchAndTrace() throws Exception {
    assertThat(said("p2p", "ping", "-c", "2", PEER).lines()).hasSize(2);
    assertThat(cli.run("p2p", "ping", "nobody").status()).isEqualTo(8);
    assertThat(said("p2p", "find", PEER)).isEqualTo("/ip4/192.0.2.7/tcp/7464/p2p/" + PEER + "\n");
    assertThat(said("p2p", "bench", PEER, "--upload", "1Mi", "--download", "0"))
        .contains("direct, quic", "10.5 MB/s");
    assertThat(said("p2p", "trace", PEER)).contains("4.00 ms");
    cli.served.peers.network.reached = false;
    assertThat(cli.run("p2p", "trace", PEER).status()).isEqualTo(8);
  }

  @Test
  void latencySaysWhoIsNearWhom() throws Exception {
    assertThat(said("p2p", "latency")).contains(PEER, "1.50 ms ?");
    JsonNode view = json("p2p", "latency", "--within", "1s", "-o", "json");
    assertThat(view.get("withinMillis").asInt()).isEqualTo(1000);
    assertThat(view.get("groups").get(0)).hasSize(2);
    assertThat(cli.run("p2p", "latency", "--within", "2m").status()).isEqualTo(2);
    assertThat(cli.served.get(P2P + "/latency?within=0").code()).isEqualTo("BAD_REQUEST");
  }

  @Test
  void aValueIsPutAndGot() throws Exception {
    String key = said("p2p", "dht", "put", "note", "gone fishing").strip();
    assertThat(said("p2p", "dht", "get", key)).isEqualTo("gone fishing\n");
    assertThat(json("p2p", "dht", "get", key, "-o", "json").get("sequence").asLong()).isOne();
    assertThat(cli.run("p2p", "dht", "get", "/atoll/other/x").status()).isEqualTo(3);
    assertThat(cli.run("p2p", "dht", "get", "other").status()).isEqualTo(2);
    assertThat(said("p2p", "dht", "dump")).contains(PEER, "/pk/x", "client");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/dht/value|{}",
        "/dht/value|{\"kind\":\"No Word\",\"text\":\"x\"}",
        "/dht/value|{\"kind\":\"note\",\"text\":\"x\",\"validFor\":\"8d\"}",
        "/peers/x/bench|{\"upload\":\"2Gi\"}",
        "/peers/x/bench|{\"upload\":\"much\"}",
        "/peers/x/dial|{\"address\":[]}",
        "/peers/x/trace|[]",
      })
  void whatIsNoRequestIsRefused(String path, String body) throws Exception {
    assertThat(cli.served.post(P2P + path, body).code()).isEqualTo("BAD_REQUEST");
  }

  @Test
  void everyVerbHasHelpWithExamplesAndIsCompleted() {
    for (String verb :
        List.of(
            "self", "peers", "status", "dial", "ping", "find", "streams", "latency", "bench",
            "trace")) {
      assertThat(said("p2p", verb, "--help")).contains("Examples:", "atoll p2p " + verb);
    }
    for (String verb : List.of("get", "put", "dump")) {
      assertThat(said("p2p", "dht", verb, "--help")).contains("Examples:", "atoll p2p dht " + verb);
    }
    assertThat(said("completion", "bash")).contains("'p2p dht'", "bench", "trace");
  }
}
