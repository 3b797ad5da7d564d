package io.atoll.client.gate;

import java.net.InetAddress;
import java.util.function.Consumer;

/// Proxies on this machine through which programs reach any member of a network by its name.
public final class Proxy {
  private Proxy() {}

  /// SOCKS version 5.
  ///
  /// @param port 0 = any free one
  /// @param notes told, in words for people, why something did not come about
  public static Opening socks(
      InetAddress bind, int port, GateDialer dialer, Consumer<String> notes) {
    return opened(Doorstep.open(bind, port, socket -> new SocksTalk(socket, dialer, notes).run()));
  }

  /// HTTP.
  public static Opening http(
      InetAddress bind, int port, GateDialer dialer, Consumer<String> notes) {
    return opened(Doorstep.open(bind, port, socket -> new HttpTalk(socket, dialer, notes).run()));
  }

  private static Opening opened(Doorstep step) {
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
}
