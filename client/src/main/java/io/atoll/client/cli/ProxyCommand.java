package io.atoll.client.cli;

import io.atoll.client.gate.GateDialer;
import io.atoll.client.gate.Opening;
import io.atoll.client.gate.Proxy;
import io.atoll.client.request.Shown;
import io.atoll.core.error.AtollException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

@CommandLine.Command(
    name = "proxy",
    header = "Let programs here reach all members of a network by name.",
    description = {
      "",
      "A SOCKS 5 proxy (TCP and UDP, no login) and a proxy of HTTP, on 127.0.0.1 unless told"
          + " otherwise, until Ctrl-C. With neither port given: SOCKS on 1080."
    },
    footer = {
      "  atoll proxy --net mynet                      then: curl -x socks5h://127.0.0.1:1080 http://web/",
      "  atoll proxy --net mynet --http 8081          then: curl -x http://127.0.0.1:8081 http://web/",
      "  atoll proxy --net mynet --socks 0 --http 0   any free ports; they are printed"
    })
final class ProxyCommand extends Command {
  private static final int USUAL_SOCKS = 1080;

  @Option(names = "--net", paramLabel = "NETWORK", description = "Its name or id.")
  @Nullable String network;

  @Option(names = "--socks", paramLabel = "PORT", description = "Port for SOCKS; 0 = any free one.")
  @Nullable Integer socks;

  @Option(names = "--http", paramLabel = "PORT", description = "Port for HTTP; 0 = any free one.")
  @Nullable Integer http;

  @Option(
      names = "--bind",
      paramLabel = "ADDRESS",
      description = "Address of this machine to listen on; 127.0.0.1 if not given.")
  String bind = "127.0.0.1";

  @Override
  protected int run(Context context) throws InterruptedException {
    Integer onSocks = socks == null && http == null ? Integer.valueOf(USUAL_SOCKS) : socks;
    InetAddress address = address();
    check("--socks", onSocks);
    check("--http", http);
    GateDialer dialer = NetworkWay.dialer(context, network, List.of());
    List<Opening> open = new ArrayList<>();
    try {
      if (onSocks != null) {
        Opening opened = Proxy.socks(address, onSocks, dialer, NetworkWay.notes(context));
        open.add(opened);
        print(context, "socks5h", opened.address());
      }
      if (http != null) {
        Opening opened = Proxy.http(address, http, dialer, NetworkWay.notes(context));
        open.add(opened);
        print(context, "http", opened.address());
      }
    } catch (AtollException e) {
      open.forEach(Opening::close);
      throw e;
    }
    if (!address.isLoopbackAddress()) {
      context.note(
          "whoever reaches "
              + bind
              + " reaches all of "
              + dialer.network()
              + ": the proxies ask for no key");
    }
    return NetworkWay.stay(context, open);
  }

  private InetAddress address() {
    try {
      return InetAddress.ofLiteral(bind);
    } catch (IllegalArgumentException e) {
      throw usage("Invalid value for --bind: " + Shown.quoted(bind) + " is no address");
    }
  }

  private void check(String option, @Nullable Integer port) {
    if (port != null && (port < 0 || port > 65_535)) {
      throw usage("Invalid value for " + option + ": write a port from 0 to 65535");
    }
  }

  private static void print(Context context, String scheme, String address) {
    String url = scheme + "://" + address;
    if (context.json()) {
      context.printJson(Map.of("proxy", url));
    } else {
      context.print(context.quiet() ? address : url);
    }
  }
}
