package io.atoll.client.cli;

import io.atoll.client.PeerClient;
import io.atoll.client.api.TransferTarget;
import io.atoll.client.api.TransferView;
import io.atoll.client.request.Shown;
import io.atoll.core.term.ByteSize;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "receive",
    header = "List the files that peers offer, and take them.",
    description = {
      "",
      "Without an id it lists what is offered and on its way. Nothing of an offer is written anywhere"
          + " before it is taken; then the file has its name when all of it is there and has the hash"
          + " that was offered. A file that is there already is never overwritten."
    },
    footer = {
      "  atoll receive                        what is offered",
      "  atoll receive 3f9c1a7b20de --to ~/Downloads",
      "  atoll receive --all                  everything, into this folder",
      "  atoll receive --remove 3f9c1a7b20de  refuse it"
    })
final class ReceiveCommand extends Command {
  @Parameters(paramLabel = "ID", arity = "0..*", description = "Which offers to take.")
  List<String> ids = List.of();

  @Option(names = "--to", paramLabel = "FOLDER", description = "Where to; default: this folder.")
  String folder = ".";

  @Option(names = "--all", description = "Take everything that is offered.")
  boolean all;

  @Option(
      names = "--remove",
      description = "Refuse offers, give up what is on its way, forget what has ended.")
  boolean remove;

  @Option(names = "--sent", description = "List what is sent from here, too.")
  boolean sent;

  @Option(names = "--no-wait", description = "Return once the daemon has noted it.")
  boolean noWait;

  @Override
  protected int run(Context context) {
    if (all && (remove || !ids.isEmpty())) {
      throw usage("--all takes everything: leave out " + (remove ? "--remove" : "the ids"));
    }
    if (remove && ids.isEmpty()) {
      throw usage("--remove needs the ids of what to remove");
    }
    PeerClient daemon = LocalDaemon.reach(context, "start one: `atoll up`").peers();
    if (remove) {
      for (String id : ids) {
        daemon.removeTransfer(id);
        context.print(id);
      }
      return 0;
    }
    if (!all && ids.isEmpty()) {
      list(context, daemon.transfers());
      return 0;
    }
    return take(context, daemon, all ? offered(daemon) : ids);
  }

  private static List<String> offered(PeerClient daemon) {
    return daemon.transfers().stream()
        .filter(transfer -> transfer.direction().equals("IN"))
        .filter(transfer -> transfer.state().equals("OFFERED"))
        .map(TransferView::id)
        .toList();
  }

  private int take(Context context, PeerClient daemon, List<String> wanted) {
    String to = Path.of(folder).toAbsolutePath().normalize().toString();
    List<TransferView> taken = new ArrayList<>();
    for (String id : wanted) {
      TransferView known = daemon.transfer(id);
      boolean open = known.direction().equals("IN") && known.state().equals("OFFERED");
      // What was taken before is only followed, so that an interrupted command can be repeated.
      taken.add(open ? daemon.accept(id, new TransferTarget(to)) : known);
    }
    for (TransferView one : taken) {
      TransferView now = noWait ? one : new TransferWait(context, daemon).until(one);
      if (!noWait && !now.hasEnded()) {
        context.note("interrupted: the daemon goes on; `atoll receive` shows how far it is");
        return TransferWait.INTERRUPTED;
      }
      if (context.json()) {
        context.printJson(now);
      } else {
        String file = now.file();
        context.print(file == null ? now.id() : Shown.plain(file, Integer.MAX_VALUE));
      }
    }
    return 0;
  }

  private void list(Context context, List<TransferView> transfers) {
    List<TransferView> shown =
        transfers.stream().filter(one -> sent || one.direction().equals("IN")).toList();
    if (context.json()) {
      context.printJson(shown);
      return;
    }
    if (context.quiet()) {
      shown.forEach(one -> context.print(one.id()));
      return;
    }
    Table table = new Table("ID", "", "PEER", "SIZE", "STATE", "AGE", "NAME", "DETAIL");
    Instant now = Instant.now();
    for (TransferView one : shown) {
      boolean part = one.state().equals("MOVING") || one.state().equals("WAITING");
      table.row(
          one.id(),
          one.direction().equals("IN") ? "from" : "to",
          one.peer(),
          ByteSize.format(one.size()),
          part && one.size() > 0
              ? one.state() + " " + (long) (100.0 * one.done() / one.size()) + "%"
              : one.state(),
          Ages.between(one.createdAt(), now),
          one.name(),
          one.detail());
    }
    context.print(table);
  }
}
