package io.atoll.daemon.golem;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.atoll.client.api.NodeView;
import io.atoll.core.identity.PeerId;
import io.atoll.daemon.hub.HubApi;
import java.util.ArrayList;
import java.util.List;

/// What the hub's nodes offer, in Golem's words: one offer for each driver of a node that is there.
final class Offers {
  private static final double GIB = 1L << 30;

  /// @param driver as the node calls it
  record Offer(PeerId node, String driver, ObjectNode properties) {}

  private final HubApi hub;

  Offers(HubApi hub) {
    this.hub = hub;
  }

  List<Offer> now() {
    List<Offer> offers = new ArrayList<>();
    for (NodeView node : hub.nodes()) {
      if (node.state().equals("ONLINE")) {
        for (String driver : node.drivers()) {
          boolean networked = hub.foreign().networked(node.id()).contains(driver);
          offers.add(new Offer(node.id(), driver, properties(node, driver, networked)));
        }
      }
    }
    return offers;
  }

  boolean isOnline(PeerId node) {
    return hub.nodes().stream().anyMatch(n -> n.id().equals(node) && n.state().equals("ONLINE"));
  }

  private static ObjectNode properties(NodeView node, String driver, boolean networked) {
    ObjectNode p = JsonNodeFactory.instance.objectNode();
    double cores = node.total().cpuMillis() / 1000.0;
    p.put("golem.node.id.name", node.name());
    p.put("golem.node.debug.subnet", "public");
    p.put("golem.inf.cpu.architecture", node.arch().equals("amd64") ? "x86_64" : node.arch());
    p.put("golem.inf.cpu.cores", cores);
    p.put("golem.inf.cpu.threads", cores);
    p.put("golem.inf.mem.gib", node.total().memory() / GIB);
    p.put("golem.inf.storage.gib", node.total().disk() / GIB);
    p.put("golem.runtime.name", driver);
    p.put("golem.runtime.version", node.version());
    ArrayNode capabilities = p.putArray("golem.runtime.capabilities");
    if (networked) {
      capabilities.add("vpn");
    }
    p.put("golem.srv.caps.multi-activity", true);
    // A hub asks for no money; Golem's clients want a price to compare.
    p.put("golem.com.scheme", "payu");
    p.put("golem.com.pricing.model", "linear");
    p.putArray("golem.com.usage.vector").add("golem.usage.duration_sec").add("golem.usage.cpu_sec");
    p.putArray("golem.com.pricing.model.linear.coeffs").add(0).add(0).add(0);
    return p;
  }
}
