package io.atoll.scheduler.model;

/// What an operator may want otherwise.
///
/// @param seed decides between equals
/// @param ageStep waiting for so long weighs as much as one more priority
/// @param quantum for how long a task that waited keeps the weight that it had grown to, once
///     it has a place; otherwise the next urgent one would take the place away at once
/// @param claimAfter a task that waited so long gets a provider kept free for it
/// @param claims the most providers in a hundred that are kept free so
/// @param candidates of how many providers at most the one with the fewest victims is sought
public record Policy(
    long seed, long ageStep, long quantum, long claimAfter, int claims, int candidates) {
  /// A task of priority 10 that has waited 13 hours goes before a new one of priority 90.
  public static final Policy DEFAULT = new Policy(1, 600_000, 600_000, 1_800_000, 5, 64);

  public Policy {
    if (ageStep < 1 || quantum < 0 || claimAfter < 0 || claims < 0 || candidates < 1) {
      throw new IllegalArgumentException(
          "ageStep and candidates are positive, the rest is not negative");
    }
  }
}
