package io.atoll.vpn.gateway;

import io.atoll.core.term.IpAddress;
import io.atoll.vpn.gateway.tcp.TcpSegment;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// A connection that a member wants to an address outside, and that nobody has answered yet. To be
/// accepted or declined once, by any thread; whoever forgets it holds its room for ever.
public final class Approach {
  private static final int FORBIDDEN_4 = 13;
  private static final int FORBIDDEN_6 = 1;
  private static final int NO_HOST_4 = 1;
  private static final int NO_HOST_6 = 3;

  private final Stack stack;
  private final Flow flow;
  private final TcpSegment segment;
  private final byte[] head;
  private final AtomicBoolean decided = new AtomicBoolean();

  Approach(Stack stack, Flow flow, TcpSegment segment, byte[] head) {
    this.stack = stack;
    this.flow = flow;
    this.segment = segment;
    this.head = head;
  }

  /// The member's address.
  public IpAddress from() {
    return flow.remote();
  }

  /// Where it wants to go.
  public IpAddress to() {
    return Objects.requireNonNull(flow.local(), "an approach is to an address outside");
  }

  public int port() {
    return flow.localPort();
  }

  Flow flow() {
    return flow;
  }

  /// Without bytes, which come again once it is established.
  TcpSegment plain() {
    return new TcpSegment(
        segment.flags(), segment.seq(), segment.ack(), segment.window(), 0, segment.options());
  }

  /// Answers it, and waits until the member has heard that.
  ///
  /// @return null if the member does not go on
  public @Nullable TcpStream accept(Duration timeout) throws InterruptedException {
    return decide() ? stack.accept(this, timeout) : null;
  }

  /// Nobody listens there.
  public void refuse() {
    if (decide()) {
      stack.decline(this, writer -> writer.tcp(flow, segment.refusal(), null, 0, 1));
    }
  }

  /// It cannot be reached, or may not be.
  public void unreachable(boolean forbidden) {
    boolean four = from().isV4();
    int code = forbidden ? four ? FORBIDDEN_4 : FORBIDDEN_6 : four ? NO_HOST_4 : NO_HOST_6;
    if (decide()) {
      MemorySegment quoted = MemorySegment.ofArray(head);
      stack.decline(
          this, writer -> writer.icmp(to(), from(), four ? 3 : 1, code, 0, quoted, 0, head.length));
    }
  }

  private boolean decide() {
    return decided.compareAndSet(false, true);
  }
}
