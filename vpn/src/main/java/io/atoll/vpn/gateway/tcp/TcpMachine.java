package io.atoll.vpn.gateway.tcp;

import io.atoll.vpn.gateway.tcp.TcpAction.Acknowledged;
import io.atoll.vpn.gateway.tcp.TcpAction.Ended;
import io.atoll.vpn.gateway.tcp.TcpAction.Established;
import io.atoll.vpn.gateway.tcp.TcpAction.Lingering;
import io.atoll.vpn.gateway.tcp.TcpAction.Ready;
import io.atoll.vpn.gateway.tcp.TcpAction.Transmit;
import io.atoll.vpn.gateway.tcp.TcpEvent.Abort;
import io.atoll.vpn.gateway.tcp.TcpEvent.Arrived;
import io.atoll.vpn.gateway.tcp.TcpEvent.Consumed;
import io.atoll.vpn.gateway.tcp.TcpEvent.Grown;
import io.atoll.vpn.gateway.tcp.TcpEvent.Open;
import io.atoll.vpn.gateway.tcp.TcpEvent.Released;
import io.atoll.vpn.gateway.tcp.TcpEvent.Shutdown;
import io.atoll.vpn.gateway.tcp.TcpEvent.TooBig;
import io.atoll.vpn.gateway.tcp.TcpEvent.Turn;
import io.atoll.vpn.gateway.tcp.TcpEvent.Undeliverable;
import io.atoll.vpn.gateway.tcp.TcpEvent.Written;
import java.util.ArrayList;
import java.util.List;

/// One end of one connection (RFC 9293 §3.10). Used by one thread at a time; `now` is nanoseconds
/// of a clock that does not jump back.
///
/// It begins in LISTEN and waits for one SYN, or is told to open. Segments go out only where it is
/// told that it is its turn, except what answers a segment that does not fit.
public final class TcpMachine {
  private static final long MILLI = 1_000_000;
  private static final long SECOND = 1000 * MILLI;

  /// Answers to segments that may be forged, each second (RFC 5961 §7).
  private static final int CHALLENGES = 10;

  private static final int STAMP_BYTES = 12;
  private static final int KEEP_ALIVES = 9;

  private final TcpSettings settings;
  private final int first;
  private final Sender sender;
  private final Receiver receiver;
  private TcpState state = TcpState.LISTEN;
  private List<TcpAction> actions = new ArrayList<>();

  private boolean ending;
  private boolean released;
  private boolean scaled;
  private int peerScale;
  private boolean stamps;
  private boolean sack;
  private int recentStamp;
  private long toldBelow; // up to where was acknowledged in the last segment
  private long lingerUntil = Long.MAX_VALUE;
  private long heardAt;
  private long askAt = Long.MAX_VALUE;
  private int asked;
  private long challengesSince;
  private int challenges;
  private long acknowledgedBytes;

  /// @param first the sequence number to begin with: nobody else may guess it (RFC 6528)
  public TcpMachine(TcpSettings settings, int first) {
    this.settings = settings;
    this.first = first;
    this.sender = new Sender(settings);
    this.receiver = new Receiver(settings);
  }

  public TcpState state() {
    return state;
  }

  /// When to give it its turn, if nothing happens before.
  public long deadline() {
    return switch (state) {
      case LISTEN, CLOSED -> Long.MAX_VALUE;
      default ->
          Math.min(Math.min(sender.deadline(), receiver.deadline()), Math.min(lingerUntil, askAt));
    };
  }

  public List<TcpAction> step(long now, TcpEvent event) {
    actions = new ArrayList<>(4);
    if (state == TcpState.CLOSED) {
      return actions;
    }
    switch (event) {
      case Open() -> open(now);
      case Arrived(TcpSegment segment) -> arrived(now, segment);
      case Written(long total) -> sender.written(total);
      case Consumed(long total) -> receiver.consumed(total);
      case Grown(int capacity) -> receiver.grown(capacity);
      case Shutdown() -> shutdown();
      case Released() -> released(now);
      case Abort() -> abort(TcpEnd.ABORTED);
      case TooBig(int mss, int seq) -> {
        if (onItsWay(seq)) {
          sender.tooBig(mss, stamps ? STAMP_BYTES : 0);
        }
      }
      case Undeliverable(boolean refused, int seq) -> {
        // Once there is a connection, such a message may be wrong or forged (RFC 5927 §5.2).
        if (state == TcpState.SYN_SENT && onItsWay(seq)) {
          over(refused ? TcpEnd.REFUSED : TcpEnd.UNREACHABLE);
        }
      }
      case Turn() -> turn(now);
    }
    return actions;
  }

  private boolean onItsWay(int seq) {
    long position = position(seq);
    return position >= sender.una() && position < sender.nxt();
  }

  /// What a number means that speaks of what we sent.
  private long position(int number) {
    return sender.nxt() + (number - (first + (int) sender.nxt()));
  }

  private void open(long now) {
    if (state == TcpState.LISTEN) {
      state = TcpState.SYN_SENT;
      heardAt = now;
      sync(now);
    }
  }

  private void shutdown() {
    ending = true;
    switch (state) {
      case LISTEN, SYN_SENT -> over(TcpEnd.CLOSED);
      case ESTABLISHED -> state = TcpState.FIN_WAIT_1;
      case CLOSE_WAIT -> state = TcpState.LAST_ACK;
      default -> {}
    }
    if (state == TcpState.FIN_WAIT_1 || state == TcpState.LAST_ACK) {
      sender.end();
    }
  }

  private void released(long now) {
    released = true;
    if (!receiver.allRead()) {
      abort(TcpEnd.ABORTED);
      return;
    }
    if (!ending) {
      shutdown();
    }
    if (state == TcpState.FIN_WAIT_2) {
      lingerUntil = now + settings.linger();
    }
  }

  private void abort(TcpEnd end) {
    boolean open = state.synchronised() && state != TcpState.TIME_WAIT;
    if (open || state == TcpState.SYN_RECEIVED) {
      int flags = TcpSegment.RST | TcpSegment.ACK;
      send(flags, sender.nxt(), 0, TcpOptions.NONE, 0);
    }
    over(end);
  }

  private void over(TcpEnd end) {
    state = TcpState.CLOSED;
    actions.add(new Ended(end));
  }

  // Segments that come.

  private void arrived(long now, TcpSegment segment) {
    switch (state) {
      case LISTEN -> listen(now, segment);
      case SYN_SENT -> syncSent(now, segment);
      default -> inOrder(now, segment);
    }
  }

  private void listen(long now, TcpSegment segment) {
    if (segment.has(TcpSegment.RST)) {
      return;
    }
    if (segment.has(TcpSegment.ACK) || !segment.has(TcpSegment.SYN)) {
      if (segment.has(TcpSegment.ACK)) {
        actions.add(new Transmit(segment.refusal(), 0, settings.mss()));
      }
      return;
    }
    begin(now, segment);
    state = TcpState.SYN_RECEIVED;
    sync(now);
  }

  private void syncSent(long now, TcpSegment segment) {
    boolean acknowledges = segment.has(TcpSegment.ACK);
    long ack = position(segment.ack());
    if (acknowledges && (ack <= sender.una() || ack > sender.nxt())) {
      if (!segment.has(TcpSegment.RST)) {
        actions.add(new Transmit(segment.refusal(), 0, settings.mss()));
      }
      return;
    }
    if (segment.has(TcpSegment.RST)) {
      if (acknowledges) {
        over(TcpEnd.REFUSED);
      }
      return;
    }
    if (!segment.has(TcpSegment.SYN)) {
      return;
    }
    begin(now, segment);
    if (acknowledges) {
      sender.acknowledged(now, 0, ack, segment.window(), false, -1, new long[0]);
      established();
      receiver.acknowledgeNow();
    } else {
      state = TcpState.SYN_RECEIVED; // Both ends have opened at once.
      sync(now);
    }
  }

  /// The other end's SYN says what it can; what both can is used.
  private void begin(long now, TcpSegment segment) {
    TcpOptions options = segment.options();
    heardAt = now;
    scaled = options.scale() >= 0;
    peerScale = scaled ? Math.min(options.scale(), TcpOptions.MAX_SCALE) : 0;
    stamps = settings.stamps() && options.stamped();
    sack = settings.sack() && options.sackPermitted();
    recentStamp = options.stamp();
    int told = options.mss() == 0 ? settings.leastMss() : options.mss();
    int mss = Math.max(64, Math.min(settings.mss(), told)) - (stamps ? STAMP_BYTES : 0);
    receiver.begin(segment.seq(), scaled, mss);
    sender.agreed(mss, sack);
  }

  private void established() {
    state = TcpState.ESTABLISHED;
    actions.add(new Established());
    if (ending) {
      shutdown();
    }
  }

  private void inOrder(long now, TcpSegment segment) {
    long position = receiver.position(segment.seq());
    TcpOptions options = segment.options();
    boolean reset = segment.has(TcpSegment.RST);
    if (stamps && options.stamped() && !reset && options.stamp() - recentStamp < 0) {
      challenge(now, segment.length() > 0); // An old one (RFC 7323 §5).
      return;
    }
    boolean acceptable = receiver.acceptable(position, segment.span());
    if (reset) {
      reset(now, position, acceptable);
      return;
    }
    if (segment.has(TcpSegment.SYN)) {
      if (state == TcpState.SYN_RECEIVED && position == 0 && !segment.has(TcpSegment.ACK)) {
        sync(now);
      } else {
        challenge(now, false);
      }
      return;
    }
    // With no room, what the segment says about ours is still of use.
    if (!acceptable && position != receiver.nxt()) {
      challenge(now, segment.length() > 0);
      return;
    }
    if (!segment.has(TcpSegment.ACK)) {
      return;
    }
    if (stamps && options.stamped() && position <= toldBelow) {
      recentStamp = options.stamp();
    }
    heardAt = now;
    asked = 0;
    if (acknowledged(now, segment, position)) {
      taken(now, segment, position);
    }
  }

  private void reset(long now, long position, boolean acceptable) {
    if (!acceptable || state == TcpState.TIME_WAIT) {
      return; // RFC 1337 has the reason for the latter.
    }
    if (position == receiver.nxt()) {
      over(state == TcpState.SYN_RECEIVED ? TcpEnd.REFUSED : TcpEnd.RESET);
    } else {
      challenge(now, false);
    }
  }

  /// Answers with what is true. What carries bytes is always answered: its sender waits for that.
  private void challenge(long now, boolean always) {
    if (now - challengesSince >= SECOND) {
      challengesSince = now;
      challenges = 0;
    }
    if (always || challenges++ < CHALLENGES) {
      acknowledge(now);
    }
  }

  /// @return whether the rest of the segment counts
  private boolean acknowledged(long now, TcpSegment segment, long position) {
    long ack = position(segment.ack());
    if (ack > sender.nxt() || ack < sender.una() - Math.max(1, sender.largestWindow())) {
      if (state == TcpState.SYN_RECEIVED) {
        actions.add(new Transmit(segment.refusal(), 0, settings.mss()));
      } else {
        challenge(now, false);
      }
      return false;
    }
    if (state == TcpState.SYN_RECEIVED && ack <= sender.una()) {
      actions.add(new Transmit(segment.refusal(), 0, settings.mss()));
      return false;
    }
    TcpOptions options = segment.options();
    long echoed = -1;
    if (stamps && options.stamped() && options.echo() != 0) {
      int age = stamp(now) - options.echo();
      echoed = age >= 0 && age < 60_000 ? age * MILLI : -1;
    }
    long[] pieces = new long[sack ? options.sack().length : 0];
    for (int i = 0; i < pieces.length; i++) {
      pieces[i] = position(options.sack()[i]);
    }
    boolean plain = segment.span() == 0;
    long window = (long) segment.window() << peerScale;
    sender.acknowledged(now, position, ack, window, plain, echoed, pieces);
    if (state == TcpState.SYN_RECEIVED) {
      established();
    }
    if (sender.acknowledgedBytes() > acknowledgedBytes) {
      acknowledgedBytes = sender.acknowledgedBytes();
      actions.add(new Acknowledged(acknowledgedBytes));
    }
    if (sender.endAcknowledged()) {
      endAcknowledged(now);
    }
    return state != TcpState.CLOSED;
  }

  private void endAcknowledged(long now) {
    switch (state) {
      case FIN_WAIT_1 -> {
        state = TcpState.FIN_WAIT_2;
        lingerUntil = released ? now + settings.linger() : Long.MAX_VALUE;
      }
      case CLOSING -> linger(now);
      case LAST_ACK -> over(TcpEnd.CLOSED);
      default -> {}
    }
  }

  private void linger(long now) {
    state = TcpState.TIME_WAIT;
    lingerUntil = now + settings.linger();
    actions.add(new Lingering());
  }

  private void taken(long now, TcpSegment segment, long position) {
    if (state == TcpState.TIME_WAIT) {
      if (segment.span() > 0) {
        lingerUntil = now + settings.linger();
        receiver.acknowledgeNow();
      }
      return;
    }
    if (!state.receives()) {
      if (segment.span() > 0) {
        receiver.acknowledgeNow();
      }
      return;
    }
    long before = receiver.readable();
    if (segment.length() > 0) {
      if (released && position + segment.length() > receiver.nxt()) {
        abort(TcpEnd.ABORTED); // Nobody will read it.
        return;
      }
      var place = receiver.take(now, position, segment.length());
      if (place != null) {
        actions.add(place);
      }
    }
    if (segment.has(TcpSegment.FIN)) {
      receiver.end(position + segment.length());
      receiver.acknowledgeNow();
    }
    boolean end = receiver.reachEnd();
    if (end || receiver.readable() > before) {
      actions.add(new Ready(receiver.readable(), end));
    }
    if (end) {
      switch (state) {
        case ESTABLISHED -> state = TcpState.CLOSE_WAIT;
        case FIN_WAIT_1 -> state = TcpState.CLOSING;
        case FIN_WAIT_2 -> linger(now);
        default -> {}
      }
    }
    if (receiver.due() && !end && receiver.readable() == before) {
      acknowledge(now); // Each of these tells the other end of a loss.
    }
  }

  // Segments that go.

  private void turn(long now) {
    sender.tick(now);
    receiver.tick(now);
    if (now >= lingerUntil) {
      over(TcpEnd.CLOSED);
      return;
    }
    if (sender.silentFor(now) > settings.giveUp()) {
      over(TcpEnd.TIMED_OUT);
      return;
    }
    if (sender.takeSync()) {
      sync(now);
    }
    if (!state.synchronised()) {
      return;
    }
    for (Chunk chunk = sender.next(now); chunk != null; chunk = sender.next(now)) {
      transmit(now, chunk);
    }
    if (sender.takeProbe()) {
      ask(now);
    }
    keepAlive(now);
    if (state != TcpState.CLOSED && receiver.due()) {
      acknowledge(now);
    }
  }

  private void keepAlive(long now) {
    if (settings.keepAlive() == 0 || state == TcpState.TIME_WAIT) {
      askAt = Long.MAX_VALUE;
      return;
    }
    long next = heardAt + settings.keepAlive() + asked * Math.min(settings.keepAlive(), SECOND);
    if (now >= next) {
      if (++asked > KEEP_ALIVES) {
        abort(TcpEnd.TIMED_OUT);
        return;
      }
      ask(now);
      next = now + Math.min(settings.keepAlive(), SECOND);
    }
    askAt = next;
  }

  /// What the other end has to answer, since it is old (RFC 9293 §3.8.4).
  private void ask(long now) {
    send(TcpSegment.ACK, sender.una() - 1, 0, stampOption(now), 0);
  }

  private void sync(long now) {
    boolean answer = state == TcpState.SYN_RECEIVED;
    sender.opening(now);
    TcpOptions options =
        new TcpOptions(
            settings.mss(),
            answer && !scaled ? -1 : receiver.scale(),
            answer ? sack : settings.sack(),
            answer ? stamps : settings.stamps(),
            stamp(now),
            answer ? recentStamp : 0,
            new int[0]);
    int flags = answer ? TcpSegment.SYN | TcpSegment.ACK : TcpSegment.SYN;
    TcpSegment segment =
        new TcpSegment(
            flags,
            first,
            answer ? receiver.acknowledgment() : 0,
            answer ? receiver.window(true) : Math.min(0xffff, settings.capacity()),
            0,
            options);
    actions.add(new Transmit(segment, 0, settings.mss()));
    if (answer) {
      told();
    }
  }

  private void transmit(long now, Chunk chunk) {
    int flags = TcpSegment.ACK | (chunk.fin() ? TcpSegment.FIN : 0);
    if (chunk.length() > 0 && chunk.from() + chunk.length() >= sender.nxt()) {
      flags |= TcpSegment.PSH;
    }
    send(flags, chunk.from(), chunk.length(), stampOption(now), chunk.from() - 1);
  }

  private void acknowledge(long now) {
    TcpOptions options = stampOption(now);
    if (sack) {
      options = options.withSack(receiver.sack(stamps ? 3 : 4));
    }
    send(TcpSegment.ACK, sender.nxt(), 0, options, 0);
  }

  private void send(int flags, long position, int length, TcpOptions options, long from) {
    TcpSegment segment =
        new TcpSegment(
            flags,
            first + (int) position,
            receiver.acknowledgment(),
            receiver.window(false),
            length,
            options);
    actions.add(new Transmit(segment, from, sender.mss()));
    told();
  }

  private void told() {
    receiver.told();
    toldBelow = receiver.nxt();
  }

  private TcpOptions stampOption(long now) {
    return stamps ? TcpOptions.stamp(stamp(now), recentStamp) : TcpOptions.NONE;
  }

  /// Milliseconds from a beginning that only this connection has.
  private int stamp(long now) {
    return (int) (now / MILLI) + first;
  }
}
