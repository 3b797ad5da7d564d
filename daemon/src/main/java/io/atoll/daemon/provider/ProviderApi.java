package io.atoll.daemon.provider;

import io.atoll.client.api.HubView;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Invite;
import java.util.List;

/// What an API server may ask of a provider: the hubs it works for. Every failure is an
/// `AtollException` with a code and a hint; a change is on disk when its method returns.
public interface ProviderApi {
  List<HubView> hubs();

  /// Joins the hub that gave an invite. The same invite again is no failure as long as that hub
  /// knows this node.
  HubView join(Invite invite) throws InterruptedException;

  /// Takes deployment requests of a peer that is no hub, from now on; `leave` ends that too.
  HubView allow(PeerId peer) throws InterruptedException;

  /// Leaves a hub; what runs for it is stopped.
  ///
  /// @param hub its peer id
  void leave(String hub) throws InterruptedException;
}
