package io.atoll.client.api;

import java.util.List;

/// The members of a network, by address.
public record MemberList(List<MemberView> members) {
  public MemberList {
    members = List.copyOf(members);
  }
}
