package io.atoll.runtime.driver;

/// A driver that can say before there is an activity whether its activities are `DeepSuspend`.
public interface DeepSuspends extends Driver {
  boolean suspendsDeep();
}
