package io.atoll.daemon.provider;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.core.identity.Identity;
import io.atoll.core.json.Json;
import io.atoll.core.multiformat.Uvarint;
import io.atoll.market.deploy.DeployProtocol;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.HostConfig;
import io.atoll.p2p.host.P2p;
import io.atoll.p2p.host.Stream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/// A peer that asks for deployments, byte by byte as the protocol says.
final class Requester implements AutoCloseable {
  private final Host host;
  private final Host provider;

  Requester(Identity identity, Host provider) throws IOException, InterruptedException {
    this.provider = provider;
    this.host = P2p.start(HostConfig.of(identity, List.of()));
    host.connect(provider.id(), provider.listening(), Duration.ofSeconds(10));
  }

  Talk open() throws IOException, InterruptedException {
    return new Talk(host.open(provider.id(), DeployProtocol.ID));
  }

  @Override
  public void close() {
    host.close();
  }

  /// One stream.
  record Talk(Stream stream) implements AutoCloseable {
    void say(String json) throws IOException {
      byte[] bytes = json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
      stream.out().write(Uvarint.encode(bytes.length));
      stream.out().write(bytes);
      stream.out().flush();
    }

    void sayNoMore() throws IOException {
      stream.out().close();
    }

    /// The next message.
    JsonNode hear() throws IOException {
      long length = Uvarint.read(stream.in(), DeployProtocol.MAX_MESSAGE);
      byte[] json = stream.in().readNBytes((int) length);
      if (json.length < length) {
        throw new IOException("the stream ended");
      }
      return Json.read(json, JsonNode.class);
    }

    /// The next answer; what is told of jobs in between is left out.
    JsonNode answer() throws IOException {
      return until(message -> message.get("type").asText().equals("DepResp")).getLast();
    }

    /// All messages up to the first that passes.
    List<JsonNode> until(Predicate<JsonNode> last) throws IOException {
      List<JsonNode> heard = new ArrayList<>();
      do {
        heard.add(hear());
      } while (!last.test(heard.getLast()));
      return heard;
    }

    @Override
    public void close() {
      stream.reset();
    }
  }
}
