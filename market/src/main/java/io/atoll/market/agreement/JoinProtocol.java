package io.atoll.market.agreement;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/// How a provider joins a hub: it opens a stream, sends a `Request` and reads the `Reply`, each as
/// a
/// frame (unsigned varint length, JSON). The connection below proves who both are; from then on the
/// provider's peer id is its key.
public final class JoinProtocol {
  public static final String ID = "/atoll/join/1";

  private JoinProtocol() {}

  /// @param inviteId and
  /// @param secret from the invite; both empty where the hub admits the provider by its peer id
  /// @param offer what the provider sells, and what the hub may do with it
  public record Request(String inviteId, String secret, Offer offer) {}

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = Joined.class, name = "joined"),
    @JsonSubTypes.Type(value = Refused.class, name = "refused")
  })
  public sealed interface Reply {}

  /// @param version of the hub
  public record Joined(String version) implements Reply {}

  public record Refused(String code, String message, String hint) implements Reply {}
}
