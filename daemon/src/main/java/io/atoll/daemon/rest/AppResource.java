package io.atoll.daemon.rest;

import io.atoll.client.api.ChallengeView;
import io.atoll.client.api.KeyList;
import io.atoll.client.api.KeyView;
import io.atoll.client.api.RedeemView;
import io.atoll.client.api.TokenView;
import io.atoll.client.request.AccessMapping;
import io.atoll.daemon.hub.AppLogins;
import io.atoll.daemon.hub.Caller;
import io.atoll.daemon.hub.HubApi;
import io.atoll.daemon.store.KeyRow;
import java.io.IOException;
import java.util.Base64;
import java.util.List;

/// Apps: make them, let them prove their keys; trade an invite for a key; list and revoke keys.
final class AppResource {
  private final HubApi hub;
  private final LiveStreams live;

  AppResource(HubApi hub, LiveStreams live) {
    this.hub = hub;
    this.live = live;
  }

  List<Route> routes() {
    return List.of(
        Route.post("/api/v1/auth/challenge", this::challenge).open(Access.PROOF),
        Route.post("/api/v1/auth/token", this::token).open(Access.PROOF),
        Route.post("/api/v1/apps", this::create),
        Route.post("/api/v1/apps/redeem", this::redeem).open(Access.INVITE),
        Route.get("/api/v1/apps/keys", this::list),
        Route.delete("/api/v1/apps/keys/{key}", this::revoke));
  }

  private void challenge(Call call) throws IOException {
    AppLogins logins = hub.logins();
    AppLogins.Challenge made = logins.challenge(AccessMapping.challenge(call.body()));
    call.json(201, new ChallengeView(made.text(), logins.hub().text(), made.expires()));
  }

  private void token(Call call) throws IOException {
    AccessMapping.Proof proof = AccessMapping.proof(call.body());
    AppLogins.Token token =
        hub.logins().token(proof.publicKey(), proof.challenge(), proof.signature());
    call.json(201, new TokenView(token.text(), token.app(), token.expires()));
  }

  private void create(Call call) throws IOException, InterruptedException {
    AccessMapping.App asked = AccessMapping.app(call.body());
    call.json(201, view(hub.createApp(asked.name(), asked.publicKey())));
  }

  private static KeyView view(KeyRow key) {
    String publicKey = key.publicKey();
    return new KeyView(
        key.id(),
        key.name(),
        key.createdAt(),
        key.revokedAt(),
        publicKey == null
            ? null
            : AccessMapping.publicKeyText(Base64.getDecoder().decode(publicKey)));
  }

  private void redeem(Call call) throws IOException, InterruptedException {
    AccessMapping.Redeem asked = AccessMapping.redeem(call.body());
    call.json(201, new RedeemView(hub.redeemAppInvite(asked.invite(), asked.name())));
  }

  private void list(Call call) {
    List<KeyView> keys = hub.keys().stream().map(AppResource::view).toList();
    call.json(200, new KeyList(keys));
  }

  private void revoke(Call call) throws InterruptedException {
    String key = call.path("key");
    hub.revokeKey(key);
    live.end(Caller.key(key));
    call.nothing();
  }
}
