package io.atoll.runtime.driver;

/// An activity whose cards can get other addresses, and a way out of their network or none, while
/// the payload runs.
public interface Readdressable {
  /// Gives the card of that network the addresses of this one: the new ones are there before the
  /// old ones go. Connections over the old ones break, as they do wherever an address goes. Then
  /// the routes out of the network are there or gone, as this one `leaves`. No effect where it is
  /// so. The rest of the card is as it was.
  ///
  /// @throws DriverException NOT_FOUND if it has no such card, CONFLICT if it has ended
  void readdress(NetworkCard card) throws DriverException, InterruptedException;
}
