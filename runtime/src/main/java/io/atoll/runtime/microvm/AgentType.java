package io.atoll.runtime.microvm;

/// The types of the agent's frames, as the package's doc lists them.
final class AgentType {
  static final int HELLO = 1;
  static final int WORDS = 2;
  static final int START = 3;
  static final int ACK = 4;
  static final int STOP = 6;
  static final int BYE = 7;
  static final int CLOCK = 8;
  static final int MOVE = 9;
  static final int WELCOME = 65;
  static final int OUTPUT = 66;
  static final int STARTED = 67;
  static final int EXIT = 68;
  static final int MOVED = 69;

  private AgentType() {}
}
