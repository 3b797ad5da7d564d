package io.atoll.client.cli;

import io.atoll.client.api.DhtPeer;
import io.atoll.client.api.DhtRecord;
import io.atoll.client.api.DhtRequest;
import io.atoll.client.api.DhtStored;
import io.atoll.client.api.DhtValue;
import io.atoll.client.api.DhtView;
import io.atoll.client.request.Shown;
import java.util.Base64;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "dht",
    header = "Values that peers keep for each other: get, put, dump.",
    description = {
      "",
      "Each value is signed by its author and kept under the author's name: /atoll/KIND/PEER-ID."
    },
    footer = {
      "  atoll p2p dht put note 'gone fishing'",
      "  atoll p2p dht get /atoll/note/12D3KooW…",
      "  atoll p2p dht dump"
    },
    subcommands = {P2pDhtNoun.GetVerb.class, P2pDhtNoun.PutVerb.class, P2pDhtNoun.DumpVerb.class})
final class P2pDhtNoun extends Noun {
  private static final int LONGEST = 64 << 10;

  @CommandLine.Command(
      name = "get",
      header = "Look a value up.",
      footer = {"  atoll p2p dht get /atoll/note/12D3KooW…"})
  static final class GetVerb extends Command {
    @Parameters(paramLabel = "KEY", description = "Such as /atoll/KIND/PEER-ID.")
    String key = "";

    @Override
    protected int run(Context context) {
      if (!key.startsWith("/")) {
        throw usage("Invalid key: it begins with /, such as /atoll/KIND/PEER-ID");
      }
      DhtValue value = P2pNoun.reach(context).dhtValue(key);
      if (context.json()) {
        context.printJson(value);
      } else {
        show(context, value);
      }
      return 0;
    }

    /// As it is into a file; what a stranger wrote does not steer a terminal.
    private static void show(Context context, DhtValue value) {
      String text = value.text();
      if (context.terminal().outIsTty()) {
        context.print(Shown.plain(text == null ? value.data() : text, LONGEST));
        return;
      }
      context.bytes(Base64.getDecoder().decode(value.data()));
      if (text != null && !text.endsWith("\n")) {
        context.bytes(new byte[] {'\n'});
      }
    }
  }

  @CommandLine.Command(
      name = "put",
      header = "Sign a value in this daemon's name, and have peers keep it.",
      description = {"", "It is stored anew until it ends, as long as the daemon runs."},
      footer = {"  atoll p2p dht put note 'gone fishing'", "  atoll p2p dht put note --for 2h hi"})
  static final class PutVerb extends Command {
    @Parameters(index = "0", paramLabel = "KIND", description = "One word: what it is.")
    String kind = "";

    @Parameters(index = "1", paramLabel = "VALUE", description = "Text.")
    String value = "";

    @Option(names = "--for", paramLabel = "TIME", description = "How long it counts (24h).")
    @Nullable String validFor;

    @Override
    protected int run(Context context) {
      DhtStored stored = P2pNoun.reach(context).putIntoDht(new DhtRequest(kind, value, validFor));
      if (context.json()) {
        context.printJson(stored);
      } else {
        context.print(stored.key());
        context.progress("kept by " + stored.peers() + " peers");
      }
      return 0;
    }
  }

  @CommandLine.Command(
      name = "dump",
      header = "Show the routing table, and what this daemon keeps for others.",
      footer = {"  atoll p2p dht dump", "  atoll p2p dht dump -o json"})
  static final class DumpVerb extends Command {
    @Override
    protected int run(Context context) {
      DhtView dht = P2pNoun.reach(context).dht();
      if (context.json()) {
        context.printJson(dht);
        return 0;
      }
      if (context.quiet()) {
        dht.peers().forEach(peer -> context.print(peer.peer().text()));
        return 0;
      }
      TaskShowCommand.line(context, "mode", dht.mode().toLowerCase(Locale.ROOT));
      Table peers = new Table("PEER", "ADDRESSES");
      for (DhtPeer peer : dht.peers()) {
        peers.row(peer.peer(), String.join(" ", peer.addresses()));
      }
      context.print(peers);
      Table records = new Table("BYTES", "RECEIVED", "KEY");
      for (DhtRecord record : dht.records()) {
        records.row(record.bytes(), record.received(), record.key());
      }
      context.print(records);
      return 0;
    }
  }
}
