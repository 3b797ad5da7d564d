package io.atoll.vpn.node;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.atoll.vpn.gateway.PacketOut;
import io.atoll.vpn.gateway.tcp.TcpCodec;
import io.atoll.vpn.port.Segmentation;
import io.atoll.vpn.vswitch.VirtualSwitch;
import java.lang.foreign.MemorySegment;

/// What comes back from outside, on its way to members.
record Entering(VirtualSwitch vswitch) implements PacketOut.Cutting {
  private static final int V4_BYTES = 20;
  private static final int V6_BYTES = 40;

  @Override
  public void send(MemorySegment memory, long offset, int length) {
    vswitch.enter(memory, offset, length, Segmentation.NONE, 0, 0, 0);
  }

  @Override
  public void sendToCut(MemorySegment memory, long offset, int length, int each) {
    boolean four = (memory.get(JAVA_BYTE, offset) & 0xf0) == 0x40;
    vswitch.enter(
        memory,
        offset,
        length,
        four ? Segmentation.TCP4 : Segmentation.TCP6,
        each,
        four ? V4_BYTES : V6_BYTES,
        TcpCodec.SUM_AT);
  }

  @Override
  public void flush() {
    vswitch.flush();
  }
}
