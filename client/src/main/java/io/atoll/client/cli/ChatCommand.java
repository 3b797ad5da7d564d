package io.atoll.client.cli;

import io.atoll.client.PeerClient;
import io.atoll.client.api.ChatLineView;
import io.atoll.client.api.ChatLines;
import io.atoll.client.api.ChatRequest;
import io.atoll.client.api.ChatView;
import io.atoll.client.request.Shown;
import io.atoll.core.error.AtollException;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "chat",
    header = "Talk to a peer, line by line.",
    description = {
      "",
      "Lines that are typed go to the peer, and its lines are shown, until the input ends (Ctrl-D)."
          + " Without a peer it lists who wrote. The daemon keeps the last lines of a conversation as"
          + " long as it runs. PEER is a peer id, an address that ends with /p2p/ID, or the name of a"
          + " node of the hub."
    },
    footer = {
      "  atoll chat                                         who wrote",
      "  atoll chat /ip4/192.0.2.7/tcp/7464/p2p/12D3KooW…",
      "  atoll chat laptop -m 'the results are on their way'"
    })
final class ChatCommand extends Command {
  private static final Duration LONG_POLL = Duration.ofSeconds(30);
  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("HH:mm").withZone(ZoneId.systemDefault());
  private static final String PEER_PART = "/p2p/";
  private static final int LONGEST = 8192;
  private static final int TAIL = 8;

  @Parameters(
      paramLabel = "PEER",
      arity = "0..1",
      description = "Peer id, address or node's name; none: list who wrote.")
  @Nullable String peer;

  @Option(
      names = "--at",
      paramLabel = "ADDRESS",
      description = "Where to dial it; may be repeated.")
  List<String> addresses = List.of();

  @Option(
      names = {"-m", "--message"},
      paramLabel = "TEXT",
      description = "Say this one line, and return.")
  @Nullable String message;

  @Override
  protected int run(Context context) throws IOException {
    String to = peer;
    if (to == null) {
      if (message != null) {
        throw usage("A message needs a peer");
      }
      list(context, LocalDaemon.reach(context, "start one: `atoll up`").peers().chats());
      return 0;
    }
    PeerClient daemon = LocalDaemon.reach(context, "start one: `atoll up`").peers();
    List<String> dialled = addresses;
    if (to.startsWith("/") && to.contains(PEER_PART)) {
      dialled = List.of(to);
      to = to.substring(to.lastIndexOf(PEER_PART) + PEER_PART.length());
    }
    String one = message;
    if (one != null) {
      ChatLineView said = daemon.say(to, new ChatRequest(one, dialled));
      if (context.json()) {
        context.printJson(said);
      }
      return 0;
    }
    return converse(context, daemon, to, dialled);
  }

  private static int converse(Context context, PeerClient daemon, String to, List<String> dialled)
      throws IOException {
    ChatLines before = daemon.chat(to, 0, Duration.ZERO); // also: is it somebody at all?
    Thread listener =
        Thread.ofVirtual().name("chat").start(() -> listen(context, daemon, to, before));
    int status = 0;
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(
                new FileInputStream(FileDescriptor.in), StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (line.isBlank()) {
          continue;
        }
        try {
          daemon.say(to, new ChatRequest(line, dialled));
          status = 0;
        } catch (AtollException e) {
          context.note("not said: " + e.text() + (e.hint().isEmpty() ? "" : "; " + e.hint()));
          status = e.code().exitStatus();
        }
      }
    } finally {
      listener.interrupt();
    }
    return status;
  }

  private static void listen(Context context, PeerClient daemon, String to, ChatLines before) {
    long seen = show(context, before, 0, true);
    boolean told = false;
    while (!Thread.currentThread().isInterrupted()) {
      try {
        seen = show(context, daemon.chat(to, seen, LONG_POLL), seen, false);
        told = false;
      } catch (AtollException e) {
        if (!told) {
          context.note(e.text());
          told = true;
        }
        // A daemon that was restarted counts from one again.
        seen = 0;
        try {
          Thread.sleep(Duration.ofSeconds(1));
        } catch (InterruptedException over) {
          return;
        }
      }
    }
  }

  /// @param mine whether lines that were typed here are shown too: those of before
  private static long show(Context context, ChatLines lines, long seen, boolean mine) {
    long last = seen;
    for (ChatLineView line : lines.lines()) {
      last = Math.max(last, line.seq());
      if (context.json()) {
        context.printJson(line);
      } else if (mine || !line.mine()) {
        String id = lines.peer().text();
        String who = line.mine() ? "me" : id.substring(id.length() - TAIL);
        context.print(
            CLOCK.format(line.at()) + " " + who + ": " + Shown.plain(line.text(), LONGEST));
      }
    }
    return last;
  }

  private static void list(Context context, List<ChatView> chats) {
    if (context.json()) {
      context.printJson(chats);
      return;
    }
    if (context.quiet()) {
      chats.forEach(chat -> context.print(chat.peer().text()));
      return;
    }
    Table table = new Table("PEER", "UNREAD", "AGE", "LAST");
    Instant now = Instant.now();
    for (ChatView chat : chats) {
      table.row(
          chat.peer(), chat.unread(), Ages.between(chat.last().at(), now), chat.last().text());
    }
    context.print(table);
  }
}
