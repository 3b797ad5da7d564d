package io.atoll.runtime.exec;

import io.atoll.core.exec.ExecLine;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;

/// A connection to a session over a unix socket; it owns the channel.
public record ChannelLine(SocketChannel channel) implements ExecLine {
  @Override
  public InputStream in() {
    return Channels.newInputStream(channel);
  }

  @Override
  public OutputStream out() {
    return Channels.newOutputStream(channel);
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // It is not used any more, however it ended.
    }
  }
}
