package io.atoll.daemon.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.core.json.Json;
import io.atoll.daemon.rest.CommandLineFixture.Result;
import io.atoll.daemon.rest.ServedHub.Answer;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Searches among advertisements, by the API and the commands that ask it.
class AdvertResourceTest {
  private CommandLineFixture cli;

  @BeforeEach
  void start() throws Exception {
    cli = new CommandLineFixture();
  }

  @AfterEach
  void stop() throws Exception {
    cli.close();
  }

  @Test
  void anAdvertisementHasTheWordsOfTheContract() throws Exception {
    Answer answer = cli.served.get("/api/v1/p2p/adverts?cpus=4&memory=8Gi&driver=docker&limit=5");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(cli.served.adverts.asked()).isEqualTo("providers 4000 8589934592 docker 5");
    JsonNode advert = answer.json().get("adverts").get(0);
    assertThat(advert.get("peer_id").asText()).isEqualTo(MemoryHub.NODE.text());
    assertThat(advert.get("timestamp").asText()).isNotEmpty();
    assertThat(advert.get("signature").asText()).isNotEmpty();
    assertThat(advert.get("data").get("type").asText()).isEqualTo("provider");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"kind=planet", "cpus=many", "memory=-1", "limit=0", "limit=1001", "colour=red"})
  void whatIsNoSearchIsRefused(String query) throws Exception {
    assertThat(cli.served.get("/api/v1/p2p/adverts?" + query).code()).isEqualTo("BAD_REQUEST");
  }

  @Test
  void theCommandsListHubsAndProviders() throws Exception {
    Map<String, String> here = Map.of("ATOLL_DATA_DIR", cli.dataDir.toString());
    Result hubs = cli.run(here, "join", "--find");
    assertThat(hubs.status()).as(hubs.err()).isZero();
    assertThat(hubs.out()).contains("NAME", "reef", "/ip4/192.0.2.1/tcp/7464");
    assertThat(hubs.err()).contains("invite");
    assertThat(cli.served.adverts.asked()).startsWith("hubs");
    assertThat(cli.run(here, "join", "--find", "-q").out()).isEqualTo(MemoryHub.NODE + "\n");
    assertThat(cli.run(here, "join", "--find", "atoll-invite-x").status()).isEqualTo(2);
    Result nodes = cli.run("node", "find", "--cpus", "2", "--driver", "process");
    assertThat(nodes.status()).as(nodes.err()).isZero();
    assertThat(nodes.out()).contains("CPUS FREE", "ada", "2 of 4");
    assertThat(cli.served.adverts.asked()).isEqualTo("providers 2000 0 process 100");
    JsonNode json = Json.mapper().readTree(cli.run("node", "find", "-o", "json").out());
    assertThat(json.get(0).get("peer_id").asText()).isEqualTo(MemoryHub.NODE.text());
  }
}
