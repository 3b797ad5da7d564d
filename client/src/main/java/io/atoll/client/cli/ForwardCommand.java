package io.atoll.client.cli;

import io.atoll.client.gate.Forward;
import io.atoll.client.gate.ForwardSpec;
import io.atoll.client.gate.GateDialer;
import io.atoll.client.gate.Opening;
import io.atoll.client.gate.Target;
import io.atoll.client.request.Shown;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "forward",
    header = "Make ports of a network's members reachable on this machine.",
    description = {
      "",
      "Needs no rights of the system and no address in the network: connections go through the hub."
          + " Listens on 127.0.0.1 unless told otherwise, until Ctrl-C. While the hub restarts, new"
          + " connections wait for it; open ones end."
    },
    footer = {
      "  atoll forward --net mynet 8080:web:80             then: curl http://127.0.0.1:8080/",
      "  atoll forward --net mynet 0:db:5432 5353:dns:53/udp",
      "  atoll forward 0.0.0.0:8080:web.mynet.internal:80  for other machines, too",
      "  atoll forward --net mynet --stdio web:22          over standard input and output"
    })
final class ForwardCommand extends Command {
  @Option(names = "--net", paramLabel = "NETWORK", description = "Its name or id.")
  @Nullable String network;

  @Option(
      names = "--stdio",
      paramLabel = "HOST:PORT",
      description = "One connection over standard input and output, as for ssh's ProxyCommand.")
  @Nullable String stdio;

  @Parameters(
      arity = "0..*",
      paramLabel = "[BIND:]PORT:HOST:PORT[/udp]",
      description = "A port here (0 = any free one), and a member's name or address and port.")
  List<String> ports = List.of();

  @Override
  protected int run(Context context) throws InterruptedException {
    String one = stdio;
    if (one != null) {
      if (!ports.isEmpty()) {
        throw usage("--stdio takes no ports: leave out " + ports.getFirst());
      }
      return stdio(context, one);
    }
    if (ports.isEmpty()) {
      throw usage("Missing required parameter: what to forward, such as 8080:web:80");
    }
    List<ForwardSpec> specs = new ArrayList<>();
    for (String text : ports) {
      ForwardSpec spec = ForwardSpec.parse(text);
      if (spec == null) {
        throw usage(
            "Invalid port "
                + Shown.quoted(text)
                + ": write PORT:HOST:PORT, such as 8080:web:80 or 127.0.0.1:5353:dns:53/udp");
      }
      specs.add(spec);
    }
    GateDialer dialer =
        NetworkWay.dialer(
            context, network, specs.stream().map(spec -> spec.target().host()).toList());
    List<Opening> open = new ArrayList<>();
    try {
      for (ForwardSpec spec : specs) {
        Opening opening = Forward.open(spec, dialer, NetworkWay.notes(context));
        open.add(opening);
        print(context, spec, opening.address());
      }
    } catch (AtollException e) {
      open.forEach(Opening::close);
      throw e;
    }
    return NetworkWay.stay(context, open);
  }

  private static void print(Context context, ForwardSpec spec, String address) {
    String protocol = spec.udp() ? "udp" : "tcp";
    if (context.json()) {
      context.printJson(
          Map.of("address", address, "protocol", protocol, "target", spec.target().toString()));
    } else if (context.quiet()) {
      context.print(address);
    } else {
      context.print(address + (spec.udp() ? "/udp" : "") + " -> " + spec.target());
    }
    if (!spec.bind().isLoopbackAddress()) {
      context.note(
          "whoever reaches " + address + " reaches " + spec.target() + ": it asks for no key");
    }
  }

  private int stdio(Context context, String text) throws InterruptedException {
    Target target = Target.parse(text, 0);
    if (target == null) {
      throw usage("Invalid value for --stdio: write HOST:PORT, such as web:22");
    }
    GateDialer dialer = NetworkWay.dialer(context, network, List.of(target.host()));
    String why =
        Forward.stdio(
            target, dialer, new FileInputStream(FileDescriptor.in), context.terminal().out());
    if (why == null) {
      return 0;
    }
    throw new AtollException(
        ErrorCode.UNREACHABLE, target + ": " + why, "try again; `atoll ps` shows what runs");
  }
}
