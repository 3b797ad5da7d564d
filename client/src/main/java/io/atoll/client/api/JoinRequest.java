package io.atoll.client.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Makes the provider of this daemon join a hub: by an invite, or as one that the hub admits.
///
/// @param invite the string that the hub's owner gave
/// @param hub peer id of the hub, without an invite
/// @param addresses where that hub is; none = where it is known to be
public record JoinRequest(
    @Nullable String invite, @Nullable String hub, @Nullable List<String> addresses) {
  public JoinRequest(String invite) {
    this(invite, null, null);
  }
}
