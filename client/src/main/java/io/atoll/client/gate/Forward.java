package io.atoll.client.gate;

import io.atoll.client.GateConnection;
import io.atoll.core.error.AtollException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Ports on this machine that lead to a member's.
public final class Forward {
  private Forward() {}

  /// Listens from now on.
  ///
  /// @param notes told, in words for people, why a connection did not come about
  /// @throws AtollException CONFLICT if the address cannot be listened on
  public static Opening open(ForwardSpec spec, GateDialer dialer, Consumer<String> notes) {
    if (spec.udp()) {
      return UdpForward.open(spec, dialer, notes);
    }
    Target to = spec.target();
    Doorstep step =
        Doorstep.open(spec.bind(), spec.local(), socket -> tcp(socket, dialer, to, notes));
    return new Opening() {
      @Override
      public String address() {
        return AddressText.of(step.address());
      }

      @Override
      public void close() {
        step.close();
      }
    };
  }

  private static void tcp(Socket socket, GateDialer dialer, Target to, Consumer<String> notes)
      throws IOException, InterruptedException {
    GateConnection gate;
    try {
      gate = dialer.tcp(to.host(), to.port());
    } catch (AtollException e) {
      notes.accept(words(e));
      socket.setSoLinger(true, 0); // As where nobody listens.
      return;
    }
    String why = Splice.run(Splice.of(socket, socket.getInputStream()), gate);
    if (why != null) {
      notes.accept(to + ": " + why);
    }
  }

  static String words(AtollException e) {
    return e.text() + (e.hint().isEmpty() ? "" : " (" + e.hint() + ")");
  }

  /// Joins two streams of this process with a member's port, until both directions have ended.
  ///
  /// @return why it ended otherwise; null where all is well
  /// @throws AtollException if there is no connection
  public static @Nullable String stdio(
      Target to, GateDialer dialer, InputStream in, OutputStream out) throws InterruptedException {
    GateConnection gate = dialer.tcp(to.host(), to.port());
    return Splice.run(Splice.of(in, out), gate);
  }
}
