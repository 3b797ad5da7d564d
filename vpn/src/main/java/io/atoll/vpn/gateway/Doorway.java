package io.atoll.vpn.gateway;

/// Decides what becomes of what members send to addresses that are none of a stack's own. Called on
/// the stack's thread: nothing here waits.
public interface Doorway {
  /// A member wants a connection; it is accepted or declined later, from any thread.
  void asked(Approach approach);

  /// A member sends datagrams; the first of them will be in the flow.
  ///
  /// @return whether somebody takes them
  boolean opened(UdpFlow flow);

  /// A member asks for an echo.
  void echo(Echo echo);
}
