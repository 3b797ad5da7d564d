package io.atoll.vpn.gateway.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.vpn.gateway.tcp.TwoEnds.End;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Cases of the specifications, one by one.
class TcpMachineTest {
  private static final long MILLI = TwoEnds.MILLI;
  private static final long SECOND = TwoEnds.SECOND;
  private static final TcpSettings SETTINGS = TcpSettings.usual(1460, 536).withOptions(true, false);

  private static TwoEnds ends() {
    return new TwoEnds(new Random(3), SETTINGS);
  }

  private static TwoEnds connected() {
    TwoEnds ends = ends();
    ends.connect();
    ends.runUntil(() -> false, SECOND);
    ends.client.sent.clear();
    ends.server.sent.clear();
    return ends;
  }

  /// What the other end would send next, with other flags and at another place.
  private static TcpSegment from(End end, int flags, int ahead, int length) {
    TcpSegment last = last(end);
    return new TcpSegment(
        flags,
        last.seq() + last.span() + ahead,
        last.ack(),
        last.window(),
        length,
        TcpOptions.NONE);
  }

  private static TcpSegment last(End end) {
    return end.sent.getLast();
  }

  private static TwoEnds spoken() {
    TwoEnds ends = connected();
    ends.client.write(10);
    ends.server.write(10);
    ends.runUntil(() -> false, SECOND);
    assertThat(ends.client.consumed).isEqualTo(10);
    assertThat(ends.server.consumed).isEqualTo(10);
    return ends;
  }

  @Test
  void aResetCountsOnlyAtTheExactPlace() { // RFC 5961 §3.2
    TwoEnds ends = spoken();
    int before = ends.server.sent.size();
    ends.forge(ends.server, from(ends.client, TcpSegment.RST, 100_000_000, 0));
    assertThat(ends.server.sent).hasSize(before);
    ends.forge(ends.server, from(ends.client, TcpSegment.RST, 1, 0));
    assertThat(ends.server.over).isNull();
    assertThat(ends.server.sent).hasSize(before + 1);
    assertThat(last(ends.server).flags()).isEqualTo(TcpSegment.ACK);
    ends.forge(ends.server, from(ends.client, TcpSegment.RST, 0, 0));
    assertThat(ends.server.over).isEqualTo(TcpEnd.RESET);
  }

  @Test
  void aSynOfAnOpenConnectionIsChallenged() { // RFC 5961 §4.2
    TwoEnds ends = spoken();
    ends.forge(ends.server, from(ends.client, TcpSegment.SYN, 0, 0));
    assertThat(ends.server.over).isNull();
    assertThat(last(ends.server).flags()).isEqualTo(TcpSegment.ACK);
  }

  @Test
  void challengesAreFew() { // RFC 5961 §7
    TwoEnds ends = spoken();
    int before = ends.server.sent.size();
    for (int i = 0; i < 1000; i++) {
      ends.forge(ends.server, from(ends.client, TcpSegment.SYN, i, 0));
    }
    assertThat(ends.server.sent.size() - before).isLessThanOrEqualTo(10);
  }

  @Test
  void bytesWithAForgedAcknowledgmentAreNotTaken() { // RFC 5961 §5.2
    TwoEnds ends = spoken();
    TcpSegment good = from(ends.client, TcpSegment.ACK, 0, 5);
    int far = good.ack() + 1_000_000;
    ends.forge(
        ends.server,
        new TcpSegment(TcpSegment.ACK, good.seq(), far, good.window(), 5, TcpOptions.NONE));
    assertThat(ends.server.readable).isEqualTo(10);
    ends.forge(ends.server, good);
    assertThat(ends.server.readable).isEqualTo(15);
  }

  @Test
  void aRefusedConnectionSaysSo() {
    TwoEnds ends = ends();
    ends.client.tell(new TcpEvent.Open());
    TcpSegment syn = last(ends.client);
    ends.forge(
        ends.client, new TcpSegment(TcpSegment.RST, 0, 0, 0, 0, TcpOptions.NONE)); // no ACK: forged
    assertThat(ends.client.over).isNull();
    ends.forge(ends.client, syn.refusal());
    assertThat(ends.client.over).isEqualTo(TcpEnd.REFUSED);
  }

  @Test
  void anUndeliverableSynIsBelievedAndLaterMessagesAreNot() { // RFC 5927 §5.2
    TwoEnds opening = ends();
    opening.client.tell(new TcpEvent.Open());
    opening.client.tell(new TcpEvent.Undeliverable(false, last(opening.client).seq() + 1));
    assertThat(opening.client.over).isNull();
    opening.client.tell(new TcpEvent.Undeliverable(false, last(opening.client).seq()));
    assertThat(opening.client.over).isEqualTo(TcpEnd.UNREACHABLE);
    TwoEnds open = connected();
    open.client.write(1);
    open.client.tell(new TcpEvent.Undeliverable(true, last(open.client).seq()));
    assertThat(open.client.over).isNull();
  }

  @Test
  void bothOpenAtOnce() { // RFC 9293 §3.5, figure 7
    TwoEnds ends = ends();
    ends.client.tell(new TcpEvent.Open());
    ends.server.tell(new TcpEvent.Open());
    ends.runUntil(() -> ends.client.established && ends.server.established, 10 * SECOND);
    assertThat(ends.client.machine.state()).isEqualTo(TcpState.ESTABLISHED);
    ends.client.write(5000);
    ends.server.write(5000);
    ends.runUntil(() -> false, SECOND);
    assertThat(ends.client.consumed).isEqualTo(5000);
    assertThat(ends.server.consumed).isEqualTo(5000);
  }

  @Test
  void bothCloseAtOnce() { // RFC 9293 §3.6, figure 13
    TwoEnds ends = connected();
    ends.client.tell(new TcpEvent.Shutdown());
    ends.server.tell(new TcpEvent.Shutdown());
    ends.runUntil(() -> ends.client.lingering && ends.server.lingering, 10 * SECOND);
    assertThat(ends.client.machine.state()).isEqualTo(TcpState.TIME_WAIT);
    assertThat(ends.server.machine.state()).isEqualTo(TcpState.TIME_WAIT);
    long since = ends.now;
    assertThat(ends.runUntil(ends::bothOver, 600 * SECOND)).isTrue();
    assertThat(ends.now - since).isBetween(59 * SECOND, 61 * SECOND);
  }

  @Test
  void oneSideClosesAndStillReads() {
    TwoEnds ends = connected();
    ends.client.tell(new TcpEvent.Shutdown());
    ends.runUntil(() -> ends.server.atEnd, SECOND);
    assertThat(ends.client.machine.state()).isIn(TcpState.FIN_WAIT_1, TcpState.FIN_WAIT_2);
    assertThat(ends.server.machine.state()).isEqualTo(TcpState.CLOSE_WAIT);
    ends.server.write(1_000_000);
    ends.runUntil(() -> ends.client.consumed == 1_000_000, 10 * SECOND);
    assertThat(ends.client.consumed).isEqualTo(1_000_000);
    ends.server.tell(new TcpEvent.Shutdown());
    ends.runUntil(() -> ends.server.over != null, SECOND);
    assertThat(ends.server.over).isEqualTo(TcpEnd.CLOSED);
    assertThat(ends.client.machine.state()).isEqualTo(TcpState.TIME_WAIT);
  }

  @Test
  void whoDoesNotReadStopsTheOtherAndStartsItAgain() { // RFC 9293 §3.8.6.1
    TwoEnds ends = connected();
    ends.server.reading = false;
    ends.client.write(1_000_000);
    ends.runUntil(() -> false, 10 * SECOND);
    assertThat(ends.server.readable)
        .isBetween(SETTINGS.capacity() * 9L / 10, (long) SETTINGS.capacity());
    // A window of nothing is no reason to give up, however long; probes keep it alive.
    ends.client.sent.clear();
    ends.runUntil(() -> false, 3600 * SECOND);
    assertThat(ends.client.over).isNull();
    assertThat(ends.client.sent.size()).isBetween(30, 200);
    ends.server.reading = true;
    ends.server.consume();
    ends.runUntil(() -> ends.server.consumed == 1_000_000, 100 * SECOND);
    assertThat(ends.server.consumed).isEqualTo(1_000_000);
  }

  @Test
  void aLostWindowUpdateIsAskedFor() {
    TwoEnds ends = connected();
    ends.server.reading = false;
    ends.client.write(1_000_000);
    ends.runUntil(() -> false, 2 * SECOND);
    ends.cut(true);
    ends.server.reading = true;
    ends.server.consume();
    ends.runUntil(() -> false, 10 * MILLI);
    ends.cut(false);
    assertThat(ends.runUntil(() -> ends.server.consumed == 1_000_000, 100 * SECOND)).isTrue();
  }

  @Test
  void aSlowReaderDoesNotMakeSillySegments() { // RFC 9293 §3.8.6.2
    TwoEnds ends = connected();
    ends.server.reading = false;
    ends.client.write(2_000_000);
    ends.runUntil(() -> false, SECOND);
    ends.client.sentSegments = 0;
    long before = ends.server.readable;
    for (int i = 0; i < 2000; i++) {
      ends.server.consumed = Math.min(ends.server.consumed + 100, ends.server.readable);
      ends.server.tell(new TcpEvent.Consumed(ends.server.consumed));
      ends.runUntil(() -> false, 5 * MILLI);
    }
    long bytes = ends.server.readable - before;
    assertThat(bytes).isGreaterThan(100_000);
    assertThat(bytes / ends.client.sentSegments).isGreaterThan(700);
  }

  @Test
  void aThirdDuplicateSendsAgainAtOnce() { // RFC 5681 §3.2, RFC 6675 §5
    TwoEnds ends = connected();
    ends.client.write(1_000_000);
    ends.runUntil(() -> ends.server.consumed > 100_000, SECOND);
    ends.dropData = 2;
    long begun = ends.now;
    assertThat(ends.runUntil(() -> ends.server.consumed == 1_000_000, SECOND)).isTrue();
    assertThat(ends.now - begun).isLessThan(150 * MILLI); // before any timer
  }

  @Test
  void acknowledgmentsWaitForASecondSegment() { // RFC 9293 §3.8.6.3
    TwoEnds ends = connected();
    ends.client.write(100);
    ends.runUntil(() -> false, 20 * MILLI);
    assertThat(ends.server.sent).isEmpty();
    ends.runUntil(() -> false, 30 * MILLI);
    assertThat(ends.server.sent).hasSize(1);
    // That was in vain; the next lone one waits for a moment only.
    ends.server.sent.clear();
    ends.client.write(100);
    ends.runUntil(() -> false, 10 * MILLI);
    assertThat(ends.server.sent).hasSize(1);
    ends.server.sent.clear();
    ends.client.write(14_600);
    ends.runUntil(() -> false, 20 * MILLI);
    assertThat(ends.server.sent.size()).isBetween(1, 6);
  }

  @Test
  void aSmallerWayIsFound() { // RFC 1191
    TwoEnds ends = connected();
    ends.client.mtu = 700;
    ends.client.write(500_000);
    assertThat(ends.runUntil(() -> ends.server.consumed == 500_000, 20 * SECOND)).isTrue();
    ends.client.tell(new TcpEvent.TooBig(100, last(ends.client).seq()));
    ends.client.write(10_000);
    ends.runUntil(() -> false, SECOND);
    assertThat(ends.server.consumed).isEqualTo(510_000);
  }

  @Test
  void bytesForNobodyBreakTheConnectionOff() { // RFC 9293 §3.6.1
    TwoEnds ends = connected();
    ends.server.tell(new TcpEvent.Released());
    ends.runUntil(() -> ends.client.atEnd, SECOND);
    ends.client.write(10);
    ends.runUntil(ends::bothOver, SECOND);
    assertThat(ends.server.over).isEqualTo(TcpEnd.ABORTED);
    assertThat(ends.client.over).isEqualTo(TcpEnd.RESET);
  }

  @Test
  void anEndThatNobodyWaitsForDoesNotStayForEver() {
    TwoEnds ends = connected();
    ends.client.tell(new TcpEvent.Released());
    ends.runUntil(() -> ends.client.over != null, 600 * SECOND);
    assertThat(ends.client.over).isEqualTo(TcpEnd.CLOSED);
  }

  @Test
  void synIsSentAgainAndThenGivenUp() { // RFC 6298 §5
    TwoEnds ends = ends();
    ends.cut(true);
    ends.client.tell(new TcpEvent.Open());
    ends.runUntil(() -> ends.client.over != null, 600 * SECOND);
    assertThat(ends.client.over).isEqualTo(TcpEnd.TIMED_OUT);
    // The first four at the same distance, as Linux does it, the others at twice that each time.
    assertThat(ends.client.sent.size()).isBetween(9, 12);
  }

  @Test
  void oldSegmentsOfAWrappedStreamAreNotTaken() { // RFC 7323 §5
    TwoEnds ends = new TwoEnds(new Random(3), SETTINGS.withOptions(true, true));
    ends.connect();
    ends.client.write(10);
    ends.runUntil(() -> false, SECOND);
    TcpSegment last = last(ends.client);
    TcpOptions options = last.options();
    assertThat(options.stamped()).isTrue();
    TcpOptions old = TcpOptions.stamp(options.stamp() - 10, options.echo());
    ends.forge(
        ends.server,
        new TcpSegment(
            TcpSegment.ACK, last.seq() + last.span(), last.ack(), last.window(), 5, old));
    assertThat(ends.server.readable).isEqualTo(10);
  }

  @Test
  void withoutScalingTheWindowIsWhatItSays() {
    TwoEnds ends = ends();
    ends.server.tell(
        new TcpEvent.Arrived(new TcpSegment(TcpSegment.SYN, 77, 0, 1000, 0, TcpOptions.NONE)));
    TcpSegment answer = last(ends.server);
    assertThat(answer.options().scale()).isEqualTo(-1);
    assertThat(answer.options().sackPermitted()).isFalse();
    ends.server.tell(
        new TcpEvent.Arrived(
            new TcpSegment(TcpSegment.ACK, 78, answer.seq() + 1, 1000, 0, TcpOptions.NONE)));
    assertThat(ends.server.established).isTrue();
    ends.server.sent.clear();
    ends.server.write(100_000);
    assertThat(ends.server.sent.stream().mapToInt(TcpSegment::length).sum()).isEqualTo(536);
  }
}
