package io.atoll.p2p.filter;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The version of a program: `1.2` is `1.2.0`, and what has something after a hyphen comes before
/// it.
record Version(List<Long> numbers, String prerelease) implements Comparable<Version> {
  private static final Pattern FORM =
      Pattern.compile(
          "v?(\\d{1,9}(?:\\.\\d{1,9}){0,5})(?:-([0-9A-Za-z.-]{1,40}))?(?:\\+\\S{0,80})?");

  static Optional<Version> parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    List<Long> numbers = new ArrayList<>();
    for (String number : matcher.group(1).split("\\.", -1)) {
      numbers.add(Long.parseLong(number));
    }
    String prerelease = matcher.group(2);
    return Optional.of(new Version(List.copyOf(numbers), prerelease == null ? "" : prerelease));
  }

  @Override
  public int compareTo(Version other) {
    for (int i = 0; i < Math.max(numbers.size(), other.numbers.size()); i++) {
      int order = Long.compare(number(i), other.number(i));
      if (order != 0) {
        return order;
      }
    }
    int released = Boolean.compare(prerelease.isEmpty(), other.prerelease.isEmpty());
    return released != 0 ? released : prerelease.compareTo(other.prerelease);
  }

  private long number(int index) {
    return index < numbers.size() ? numbers.get(index) : 0;
  }
}
