package io.atoll.daemon.store;

import java.time.InstantSource;

class MemoryStoreTest extends StoreContract {
  @Override
  protected Store create(InstantSource clock, int eventBound) {
    return new MemoryStore(clock, eventBound);
  }
}
