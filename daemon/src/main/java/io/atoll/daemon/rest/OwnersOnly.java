package io.atoll.daemon.rest;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.daemon.store.KeyRow;
import java.util.function.Predicate;

/// Lets through who has the key of the daemon's own machine, and nobody else.
///
/// @param what belongs to the owner, in the plural
record OwnersOnly(Predicate<KeyRow> owner, String what) {
  Route.Action only(Route.Action action) {
    return call -> {
      KeyRow key = call.key();
      if (key == null || !owner.test(key)) {
        throw new AtollException(
            ErrorCode.DENIED,
            what + " are for the owner of this daemon's machine",
            "use the key in its data folder, as `atoll` does on that machine");
      }
      action.handle(call);
    };
  }
}
