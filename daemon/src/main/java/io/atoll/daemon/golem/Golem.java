package io.atoll.daemon.golem;

import io.atoll.daemon.hub.HubApi;

/// What a hub serves in Golem's words.
public final class Golem {
  private final Nets nets;
  private final Gates gates;

  public Golem(HubApi hub) {
    Shelf<NetNote> networks = new Shelf<>(hub::foreign, "golem-net", NetNote.class);
    Shelf<AgreementNote> agreed =
        new Shelf<>(hub::foreign, "golem-agreement", AgreementNote.class);
    this.nets = new Nets(hub, networks, agreed);
    this.gates = new Gates(nets);
  }

  public Nets nets() {
    return nets;
  }

  public Gates gates() {
    return gates;
  }

  /// Whether a path is one of Golem's, where failures are told in its way.
  public static boolean isPath(String path) {
    return path.startsWith("/net-api/")
        || path.startsWith("/market-api/")
        || path.startsWith("/activity-api/")
        || path.equals("/me");
  }
}
