package io.atoll.vpn.gateway;

import io.atoll.core.term.IpAddress;
import java.lang.foreign.MemorySegment;

/// An echo that a member asks of an address outside.
public final class Echo {
  private static final int REPLY_4 = 0;
  private static final int REPLY_6 = 129;

  private final Stack stack;
  private final IpAddress from;
  private final IpAddress of;
  private final int rest;
  private final byte[] body;

  Echo(Stack stack, IpAddress from, IpAddress of, int rest, byte[] body) {
    this.stack = stack;
    this.from = from;
    this.of = of;
    this.rest = rest;
    this.body = body;
  }

  /// The member's address.
  public IpAddress from() {
    return from;
  }

  /// Who is asked.
  public IpAddress of() {
    return of;
  }

  /// The sequence number.
  public int number() {
    return rest & 0xffff;
  }

  public byte[] body() {
    return body.clone();
  }

  /// Who was asked has answered, with the same body. Any thread.
  public void answer() {
    stack.say(
        writer ->
            writer.icmp(
                of,
                from,
                of.isV4() ? REPLY_4 : REPLY_6,
                0,
                rest,
                MemorySegment.ofArray(body),
                0,
                body.length));
  }
}
