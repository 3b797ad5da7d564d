package io.atoll.daemon.golem;

import io.atoll.daemon.hub.HubApi;

/// What a hub serves in Golem's words.
public final class Golem implements AutoCloseable {
  private final Nets nets;
  private final Gates gates;
  private final Market market;
  private final Activities activities;

  public Golem(HubApi hub) {
    Shelf<NetNote> networks = new Shelf<>(hub::foreign, "golem-net", NetNote.class);
    Shelf<AgreementNote> agreed = new Shelf<>(hub::foreign, "golem-agreement", AgreementNote.class);
    this.nets = new Nets(hub, networks, agreed);
    this.gates = new Gates(nets);
    this.market = new Market(hub, nets, agreed);
    this.activities =
        new Activities(
            hub, nets, market, new Shelf<>(hub::foreign, "golem-activity", ActivityNote.class));
  }

  public Nets nets() {
    return nets;
  }

  public Gates gates() {
    return gates;
  }

  public Market market() {
    return market;
  }

  public Activities activities() {
    return activities;
  }

  @Override
  public void close() {
    activities.close();
  }

  /// Whether a path is one of Golem's, where failures are told in its way.
  public static boolean isPath(String path) {
    return path.startsWith("/net-api/")
        || path.startsWith("/market-api/")
        || path.startsWith("/activity-api/")
        || path.equals("/me");
  }
}
