package io.atoll.daemon.peers;

import io.atoll.client.api.AdvertView;
import io.atoll.client.request.AdvertMapping;
import java.util.List;

/// What an API server may ask about advertisements. Every failure is an `AtollException`.
@FunctionalInterface
public interface AdvertsApi {
  /// What this node has heard and is still good, newest first; of providers those that pass.
  List<AdvertView> find(AdvertMapping.Query query) throws InterruptedException;
}
