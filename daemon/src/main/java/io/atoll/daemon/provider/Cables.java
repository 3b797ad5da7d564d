package io.atoll.daemon.provider;

import io.atoll.core.term.NetworkId;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.Driver;
import io.atoll.runtime.driver.DriverException;
import io.atoll.vpn.network.Member;

/// What connects the cards of one payload with their networks.
interface Cables {
  /// @throws DriverException if the driver's payloads cannot have the cards
  void check(Driver driver) throws DriverException;

  /// The payload is there. Connects each card, now or as soon as that can be.
  ///
  /// @param found whether an earlier daemon started it: what it has may be of before
  void plug(Activity activity, boolean found);

  /// Its member of a network is this, perhaps at another address than before.
  void moved(NetworkId network, Member member);

  /// The payload has ended. Nothing is connected any more.
  void unplug();

  /// Of a payload without cards.
  Cables NONE =
      new Cables() {
        @Override
        public void check(Driver driver) {}

        @Override
        public void plug(Activity activity, boolean found) {}

        @Override
        public void moved(NetworkId network, Member member) {}

        @Override
        public void unplug() {}
      };
}
