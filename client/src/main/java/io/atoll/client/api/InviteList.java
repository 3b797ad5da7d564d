package io.atoll.client.api;

import java.util.List;

/// Invites, without their secret.
public record InviteList(List<InviteView> invites) {}
