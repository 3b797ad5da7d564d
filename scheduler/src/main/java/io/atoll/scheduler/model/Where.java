package io.atoll.scheduler.model;

import io.atoll.core.identity.PeerId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Where a task may go; what is empty asks nothing.
///
/// @param arch the only architecture
/// @param labels all of which a provider must carry
/// @param locations in one of which it must be
/// @param near what it must be near to
/// @param trust one of which must vouch for it
/// @param node id or name of the only one
/// @param avoid where it failed lately
/// @param maxPrice the most that a core may cost for one hour
public record Where(
    String arch,
    Map<String, String> labels,
    Set<String> locations,
    List<Near> near,
    Set<String> trust,
    @Nullable String node,
    Set<PeerId> avoid,
    long maxPrice) {
  public static final Where ANY =
      new Where("", Map.of(), Set.of(), List.of(), Set.of(), null, Set.of(), Long.MAX_VALUE);

  public Where {
    labels = Map.copyOf(labels);
    locations = Set.copyOf(locations);
    near = List.copyOf(near);
    trust = Set.copyOf(trust);
    avoid = Set.copyOf(avoid);
  }

  public Where arch(String now) {
    return new Where(now, labels, locations, near, trust, node, avoid, maxPrice);
  }

  public Where labels(Map<String, String> now) {
    return new Where(arch, now, locations, near, trust, node, avoid, maxPrice);
  }

  public Where locations(Set<String> now) {
    return new Where(arch, labels, now, near, trust, node, avoid, maxPrice);
  }

  public Where near(List<Near> now) {
    return new Where(arch, labels, locations, now, trust, node, avoid, maxPrice);
  }

  /// @param now null = nothing
  public Where instead(Near was, @Nullable Near now) {
    List<Near> changed = new ArrayList<>(near);
    changed.remove(was);
    if (now != null) {
      changed.add(now);
    }
    return near(changed);
  }

  public Where trust(Set<String> now) {
    return new Where(arch, labels, locations, near, now, node, avoid, maxPrice);
  }

  public Where node(@Nullable String now) {
    return new Where(arch, labels, locations, near, trust, now, avoid, maxPrice);
  }

  public Where avoid(Set<PeerId> now) {
    return new Where(arch, labels, locations, near, trust, node, now, maxPrice);
  }

  public Where maxPrice(long now) {
    return new Where(arch, labels, locations, near, trust, node, avoid, now);
  }
}
