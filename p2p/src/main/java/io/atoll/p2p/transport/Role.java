package io.atoll.p2p.transport;

/// Which end of a connection this is: who dialled, or who was dialled.
public enum Role {
  INITIATOR,
  RESPONDER
}
