package io.atoll.market.advert;

import java.time.Duration;

/// How a node advertises and searches.
///
/// @param every how often it says its own again
/// @param life how long each is good: what is said must outlive a few losses
/// @param look how often it searches the DHT and asks its neighbours, once it has found any
/// @param most how many of others it keeps
public record AdvertSettings(Duration every, Duration life, Duration look, int most) {
  public AdvertSettings {
    if (life.compareTo(Advert.LONGEST) > 0 || life.compareTo(every) <= 0) {
      throw new IllegalArgumentException("an advertisement lives longer than until the next");
    }
  }

  public static AdvertSettings defaults() {
    return new AdvertSettings(
        Duration.ofMinutes(5), Duration.ofMinutes(20), Duration.ofMinutes(5), 10_000);
  }

  public AdvertSettings every(Duration other) {
    return new AdvertSettings(other, life, look, most);
  }
}
