package io.atoll.p2p.chat;

import io.atoll.core.identity.PeerId;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/// One conversation in memory, and how much its peer may still say. Under the lock of `Chats`.
final class Talk {
  private final PeerId peer;
  private final ChatLimits limits;
  private final Deque<ChatLine> lines = new ArrayDeque<>();
  private long next = 1;
  private long asked;
  private int allowed;
  private long refilledNanos;
  private boolean known;

  Talk(PeerId peer, ChatLimits limits, long nowNanos) {
    this.peer = peer;
    this.limits = limits;
    this.allowed = limits.burst();
    this.refilledNanos = nowNanos;
  }

  /// Whether the peer may say another line now; counts it.
  boolean admit(long nowNanos) {
    long more = (nowNanos - refilledNanos) / limits.refill().toNanos();
    if (more > 0) {
      allowed = (int) Math.min(limits.burst(), allowed + more);
      refilledNanos += more * limits.refill().toNanos();
    }
    if (allowed == 0) {
      return false;
    }
    allowed--;
    return true;
  }

  ChatLine add(boolean mine, String text) {
    ChatLine line = new ChatLine(next++, mine, text, Instant.now());
    lines.addLast(line);
    if (lines.size() > limits.lines()) {
      lines.removeFirst();
    }
    known |= mine;
    return line;
  }

  List<ChatLine> after(long seq) {
    List<ChatLine> later = lines.stream().filter(line -> line.seq() > seq).toList();
    asked = Math.max(asked, next - 1);
    return later;
  }

  /// Whether the owner of this node ever wrote there.
  boolean known() {
    return known;
  }

  boolean empty() {
    return lines.isEmpty();
  }

  Conversation view() {
    int unread = (int) lines.stream().filter(line -> !line.mine() && line.seq() > asked).count();
    return new Conversation(peer, lines.getLast(), unread);
  }
}
