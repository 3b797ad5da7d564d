package io.atoll.p2p.muxer.yamux;

import io.atoll.p2p.transport.Wire;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The one thread that writes a channel. Small frames share a record; a full data frame fills one.
final class FrameWriter implements Runnable {
  private static final int RECORD = Frame.HEADER + Frame.MAX_BODY;

  private final YamuxSession session;
  private final OutputStream out;
  private byte[] record = new byte[1024];
  private int used;

  FrameWriter(YamuxSession session, Wire channel) {
    this.session = session;
    this.out = channel.out();
  }

  @Override
  public void run() {
    List<Frame> frames = new ArrayList<>();
    try {
      while (true) {
        session.queue().take(frames);
        for (Frame frame : frames) {
          add(frame);
        }
        frames.clear();
        write();
      }
    } catch (IOException e) {
      session.fail(e);
    } catch (InterruptedException e) {
      session.fail(new IOException("interrupted", e));
    } catch (RuntimeException e) {
      session.fail(new IOException("yamux writer: " + e, e));
    }
  }

  private void add(Frame frame) throws IOException {
    int size = Frame.HEADER + frame.body().length;
    if (used + size > RECORD) {
      write();
    }
    if (used + size > record.length) {
      record = Arrays.copyOf(record, Math.min(RECORD, Math.max(used + size, 2 * record.length)));
    }
    System.arraycopy(frame.header(), 0, record, used, Frame.HEADER);
    System.arraycopy(frame.body(), 0, record, used + Frame.HEADER, frame.body().length);
    used += size;
  }

  private void write() throws IOException {
    if (used > 0) {
      out.write(record, 0, used);
      out.flush();
      used = 0;
      session.keepAlive().wrote();
    }
  }
}
