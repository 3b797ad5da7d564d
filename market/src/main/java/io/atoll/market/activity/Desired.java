package io.atoll.market.activity;

/// What should be true of a run.
public enum Desired {
  RUN,
  SUSPEND,
  STOP
}
