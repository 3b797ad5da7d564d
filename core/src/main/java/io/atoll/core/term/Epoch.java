package io.atoll.core.term;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/// Fences the runs of a task: each placement gets a higher epoch than any before it, and whoever
/// knows a higher one refuses a lower one.
///
/// @param generation of the hub's store; a restored backup starts a new one
/// @param counter grows with each placement within a generation
public record Epoch(int generation, long counter) implements Comparable<Epoch> {
  public static final Epoch NONE = new Epoch(0, 0);

  public Epoch {
    if (generation < 0 || counter < 0) {
      throw new IllegalArgumentException("not an epoch: generation and counter are never negative");
    }
  }

  @JsonCreator
  public static Epoch parse(String text) {
    int dash = text.indexOf('-');
    try {
      return new Epoch(
          Integer.parseInt(text.substring(0, Math.max(dash, 0))),
          Long.parseLong(text.substring(dash + 1)));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "not an epoch: expected <generation>-<counter>, such as 1-7", e);
    }
  }

  public Epoch next() {
    return new Epoch(generation, counter + 1);
  }

  @Override
  public int compareTo(Epoch other) {
    int byGeneration = Integer.compare(generation, other.generation);
    return byGeneration != 0 ? byGeneration : Long.compare(counter, other.counter);
  }

  @JsonValue
  @Override
  public String toString() {
    return generation + "-" + counter;
  }
}
