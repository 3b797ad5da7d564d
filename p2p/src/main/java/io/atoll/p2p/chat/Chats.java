package io.atoll.p2p.chat;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.PlainText;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.Stream;
import io.atoll.p2p.transport.Deadline;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The conversations of this node, in memory: what was said is gone when the daemon ends. Every
/// failure of a call is an `AtollException`.
public final class Chats {
  public static final String PROTOCOL = "/atoll/chat/1.0.0";
  private static final Duration DIAL = Duration.ofSeconds(10);

  private final Host host;
  private final ChatLimits limits;

  /// Oldest conversation first. Under the lock of this object.
  private final Map<PeerId, Talk> talks = new LinkedHashMap<>();

  private Chats(Host host, ChatLimits limits) {
    this.host = host;
    this.limits = limits;
  }

  /// Serves the protocol from now on.
  public static Chats open(Host host, ChatLimits limits) {
    Chats chats = new Chats(host, limits);
    host.handle(PROTOCOL, chats::serve);
    return chats;
  }

  /// Says a line to a peer; returns once the peer's daemon has it.
  ///
  /// @param addresses where to dial the peer; none = only over a connection that there is
  public ChatLine say(PeerId peer, List<String> addresses, String text)
      throws InterruptedException {
    String plain = PlainText.line(text, ChatLimits.LONGEST).strip();
    if (plain.isEmpty() || plain.getBytes(StandardCharsets.UTF_8).length > ChatLimits.LONGEST) {
      throw new AtollException(
          plain.isEmpty() ? ErrorCode.BAD_REQUEST : ErrorCode.TOO_LARGE,
          "a line of a conversation has 1 to " + ChatLimits.LONGEST + " bytes",
          "send longer texts as a file: `atoll send`");
    }
    String answer;
    try {
      host.connect(peer, addresses, DIAL);
      try (Stream stream = host.open(peer, PROTOCOL);
          var _ = new Deadline(limits.patience(), stream::reset)) {
        ChatWire.write(stream.out(), plain);
        answer = ChatWire.read(stream.in());
      }
    } catch (IOException e) {
      throw new AtollException(
          ErrorCode.UNREACHABLE,
          "cannot talk to " + peer + ": " + PlainText.line(String.valueOf(e.getMessage()), 300),
          "check that it is up, and name an address of it with --at",
          e);
    }
    if (!answer.isEmpty()) {
      boolean often = answer.equals(ErrorCode.TOO_MANY_REQUESTS.name());
      throw new AtollException(
          often ? ErrorCode.TOO_MANY_REQUESTS : ErrorCode.DENIED,
          peer + " did not take the line" + (often ? ": it was said too much to it" : ""),
          often ? "say it again in a moment" : "");
    }
    synchronized (this) {
      Talk talk = room(peer, true);
      if (talk == null) {
        throw new IllegalStateException("there is always room for the owner's own");
      }
      ChatLine line = talk.add(true, plain);
      notifyAll();
      return line;
    }
  }

  /// Those who wrote or were written to.
  public synchronized List<Conversation> all() {
    return talks.values().stream().filter(talk -> !talk.empty()).map(Talk::view).toList();
  }

  /// The lines after one; waits for the first if there is none.
  public synchronized List<ChatLine> lines(PeerId peer, long after, Duration wait)
      throws InterruptedException {
    long deadline = System.nanoTime() + wait.toNanos();
    while (true) {
      Talk talk = talks.get(peer);
      List<ChatLine> lines = talk == null ? List.of() : talk.after(after);
      long left = deadline - System.nanoTime();
      if (!lines.isEmpty() || left <= 0) {
        return lines;
      }
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
  }

  private void serve(Stream stream) throws IOException {
    try (var _ = new Deadline(limits.patience(), stream::reset)) {
      String text = ChatWire.read(stream.in());
      ErrorCode refusal = take(stream.remote(), text);
      ChatWire.write(stream.out(), refusal == null ? "" : refusal.name());
    }
  }

  private synchronized @Nullable ErrorCode take(PeerId peer, String text) {
    String plain = PlainText.line(text, ChatLimits.LONGEST);
    if (plain.isBlank() || plain.getBytes(StandardCharsets.UTF_8).length > 2 * ChatLimits.LONGEST) {
      return ErrorCode.BAD_REQUEST;
    }
    Talk talk = room(peer, false);
    if (talk == null || !talk.admit(System.nanoTime())) {
      return ErrorCode.TOO_MANY_REQUESTS;
    }
    talk.add(false, plain);
    notifyAll();
    return null;
  }

  /// @param mine whether the owner of this node begins it; there is always room for that
  /// @return null if there is no room for another stranger
  private synchronized @Nullable Talk room(PeerId peer, boolean mine) {
    Talk known = talks.get(peer);
    if (known != null) {
      return known;
    }
    if (talks.size() >= limits.conversations()) {
      PeerId stranger =
          talks.entrySet().stream()
              .filter(entry -> mine || !entry.getValue().known())
              .map(Map.Entry::getKey)
              .findFirst()
              .orElse(null);
      if (stranger == null) {
        return null;
      }
      talks.remove(stranger);
    }
    Talk fresh = new Talk(peer, limits, System.nanoTime());
    talks.put(peer, fresh);
    return fresh;
  }
}
