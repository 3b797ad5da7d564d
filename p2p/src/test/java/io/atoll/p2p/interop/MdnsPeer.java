package io.atoll.p2p.interop;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.HostConfig;
import io.atoll.p2p.host.P2p;
import io.atoll.p2p.mdns.Mdns;
import io.atoll.p2p.mdns.MdnsEvent;
import io.atoll.p2p.mdns.MdnsSettings;
import io.atoll.p2p.mdns.ServiceTag;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;

/// One node of ours and js beside it, in the network that [JsMdnsTest] makes. It prints what
/// happened, one line each.
final class MdnsPeer {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final long SEVERAL_QUESTIONS_MILLIS = 2500;

  private MdnsPeer() {}

  public static void main(String[] args) throws Exception {
    try (JsPeer js = new JsPeer("mdns.mjs")) {
      scene(js, ServiceTag.STANDARD, ServiceTag.STANDARD);
      ServiceTag own = ServiceTag.ofRendezvous("nunet");
      scene(js, own, own);
      scene(js, own, ServiceTag.STANDARD);
    }
  }

  private static void scene(JsPeer js, ServiceTag ours, ServiceTag theirs) throws Exception {
    Map<PeerId, List<Multiaddr>> found = new ConcurrentHashMap<>();
    try (Host host = P2p.start(HostConfig.of(Identity.generate(), List.of("/ip4/0.0.0.0/tcp/0")));
        Mdns mdns =
            Mdns.start(
                host.id(),
                host::listening,
                MdnsSettings.standard().withTag(ours),
                peer -> found.put(peer.peer(), peer.addresses()))) {
      JsonNode started = js.call("start", "tag", theirs.name());
      PeerId peer = PeerId.parse(started.get("id").asText());
      if (ours.equals(theirs)) {
        until(() -> found.containsKey(peer));
        System.out.println("found js at " + found.get(peer));
        host.connect(peer, found.get(peer).stream().map(Multiaddr::toString).toList(), TIMEOUT);
        System.out.println("pinged js " + host.ping(peer).isPositive());
        host.disconnect(peer);
        until(() -> foundByJs(js, host.id()) != null);
        System.out.println("found by js at " + foundByJs(js, host.id()));
        System.out.println("pinged by js " + (js.call("dialFound", "peer", host.id()) != null));
      } else {
        Thread.sleep(SEVERAL_QUESTIONS_MILLIS);
        System.out.println("strangers " + found + " " + js.call("found").get("peers"));
      }
      System.out.println(
          "malformed "
              + mdns.counts().get(MdnsEvent.MALFORMED)
              + ", asked "
              + (mdns.counts().get(MdnsEvent.ASKED) > 0));
      js.call("stop");
    }
  }

  private static JsonNode foundByJs(JsPeer js, PeerId peer) throws Exception {
    for (JsonNode one : js.call("found").get("peers")) {
      if (one.get("id").asText().equals(peer.text())) {
        return one.get("addresses");
      }
    }
    return null;
  }

  private static void until(Callable<Boolean> condition) throws Exception {
    for (int i = 0; i < 100; i++) {
      if (condition.call()) {
        return;
      }
      Thread.sleep(100);
    }
    throw new IllegalStateException("it did not happen in 10 s");
  }
}
