package io.atoll.p2p.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.p2p.host.HostConfig;
import io.atoll.p2p.host.NetworkHost;
import io.atoll.p2p.host.P2p;
import io.atoll.p2p.peer.KnownAddress;
import io.atoll.p2p.peer.KnownPeer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Signed peer records and pushes, with js-libp2p as the witness.
@Tag("real")
@Timeout(60)
class JsIdentifyTest {
  private NetworkHost host;
  private JsPeer js;
  private PeerId peer;

  @BeforeEach
  void start() throws Exception {
    js = new JsPeer("reach.mjs");
    host = P2p.start(HostConfig.of(Identity.generate(), List.of("/ip4/127.0.0.1/tcp/0")));
    JsonNode started = js.call("start", "listen", List.of("/ip4/127.0.0.1/tcp/0"));
    peer = PeerId.parse(started.get("id").asText());
    js.call("dial", "address", host.listening().getFirst());
  }

  @AfterEach
  void stop() throws Exception {
    host.close();
    js.close();
  }

  private KnownPeer known() {
    return host.peers().find(peer).orElseThrow();
  }

  @Test
  void eachTakesTheSignedRecordOfTheOther() throws Exception {
    await().until(() -> host.peers().find(peer).filter(p -> p.record().isPresent()).isPresent());
    String listening = js.call("addresses").get("addresses").get(0).asText();
    assertThat(known().addresses())
        .singleElement()
        .satisfies(
            address -> {
              assertThat(address.signed()).isTrue();
              assertThat(address.address().withPeer(peer.text())).hasToString(listening);
            });
    await().until(() -> !js.call("known", "peer", host.id().text()).get("seq").isNull());
    JsonNode theirs = js.call("known", "peer", host.id().text());
    assertThat(theirs.get("certified").get(0).asText() + "/p2p/" + host.id())
        .isEqualTo(host.listening().getFirst());
    assertThat(known().addresses()).allMatch(KnownAddress::signed);
  }

  @Test
  void eachPushesWhatChanges() throws Exception {
    await().until(() -> host.peers().find(peer).filter(p -> p.record().isPresent()).isPresent());
    await().until(() -> !js.call("known", "peer", host.id().text()).get("seq").isNull());
    assertThat(known().protocols()).doesNotContain("/js/new/1");
    js.call("handle", "protocol", "/js/new/1");
    await().until(() -> known().protocols().contains("/js/new/1"));
    host.handle("/java/new/1", stream -> {});
    await()
        .until(
            () ->
                js.call("known", "peer", host.id().text())
                    .get("protocols")
                    .toString()
                    .contains("/java/new/1"));
  }
}
