package io.atoll.p2p.kad.machine;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Optional;

/// A request or an answer; which fields count follows from the type.
public record KadMessage(
    Type type,
    ByteString key,
    Optional<KadRecord> record,
    List<Contact> closer,
    List<Contact> providers) {

  public enum Type {
    PUT_VALUE(0),
    GET_VALUE(1),
    ADD_PROVIDER(2),
    GET_PROVIDERS(3),
    FIND_NODE(4),
    PING(5);

    private final int number;

    Type(int number) {
      this.number = number;
    }

    /// On the wire.
    public int number() {
      return number;
    }

    /// @throws IllegalArgumentException if no type has this number
    static Type of(int number) {
      for (Type type : values()) {
        if (type.number == number) {
          return type;
        }
      }
      throw new IllegalArgumentException("kad: no message type has the number " + number);
    }
  }

  public KadMessage {
    closer = List.copyOf(closer);
    providers = List.copyOf(providers);
  }

  public static KadMessage of(Type type, ByteString key) {
    return new KadMessage(type, key, Optional.empty(), List.of(), List.of());
  }

  public KadMessage withRecord(KadRecord other) {
    return new KadMessage(type, key, Optional.of(other), closer, providers);
  }

  public KadMessage withCloser(List<Contact> others) {
    return new KadMessage(type, key, record, others, providers);
  }

  public KadMessage withProviders(List<Contact> others) {
    return new KadMessage(type, key, record, closer, others);
  }
}
