package io.atoll.client.cli;

import io.atoll.client.PeerClient;
import io.atoll.client.api.TransferRequest;
import io.atoll.client.api.TransferView;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "send",
    header = "Send a file to a peer.",
    description = {
      "",
      "The daemon of this machine reads and sends it; the peer's owner takes it with `atoll receive`."
          + " It goes on over lost connections and restarts of either side, also when this command is"
          + " interrupted; the same command again shows how far it is. PEER is a peer id (`atoll up`"
          + " shows it), an address that ends with /p2p/ID, or the name of a node of the hub."
    },
    footer = {
      "  atoll send results.tar /ip4/192.0.2.7/tcp/7464/p2p/12D3KooW…",
      "  atoll send results.tar 12D3KooW… --at /dns4/example.org/tcp/7464",
      "  atoll send results.tar laptop --no-wait        a node of this daemon's hub",
      "  atoll receive --sent                           what is on its way"
    })
final class SendCommand extends Command {
  @Parameters(index = "0", paramLabel = "FILE", description = "What to send.")
  String file = "";

  @Parameters(index = "1", paramLabel = "PEER", description = "Peer id, address or node's name.")
  String peer = "";

  @Option(
      names = "--at",
      paramLabel = "ADDRESS",
      description = "Where to dial it; may be repeated.")
  List<String> addresses = List.of();

  @Option(names = "--no-wait", description = "Return once the daemon has noted it.")
  boolean noWait;

  @Override
  protected int run(Context context) {
    PeerClient daemon = LocalDaemon.reach(context, "start one: `atoll up`").peers();
    String path = Path.of(file).toAbsolutePath().normalize().toString();
    TransferView sent = daemon.send(new TransferRequest(path, peer, addresses));
    if (!noWait) {
      TransferWait wait = new TransferWait(context, daemon);
      sent = wait.until(sent);
      if (!sent.hasEnded()) {
        context.note(
            "interrupted: the daemon goes on with " + sent.id() + "; the same command shows it");
        return TransferWait.INTERRUPTED;
      }
    }
    if (context.json()) {
      context.printJson(sent);
    } else {
      context.print(sent.id());
    }
    return 0;
  }
}
