package io.atoll.p2p.filter;

import io.atoll.core.term.ByteSize;
import io.atoll.core.term.Resources;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// What a filter can ask for, and how its values are written.
enum Fact {
  RTT(Form.DURATION),
  CPU(Form.CORES),
  MEMORY(Form.SIZE),
  DISK(Form.SIZE),
  UPTIME(Form.DURATION),
  VERSION(Form.VERSION),
  LOCATION(Form.PLACE),
  KIND(Form.WORD);

  private enum Form {
    DURATION("a time such as 50ms, 1.5s or 2h"),
    CORES("a number of cores such as 4 or 0.5"),
    SIZE("a size such as 512M or 4Gi"),
    VERSION("a version such as 0.3.1"),
    PLACE("a place such as EU/DE"),
    WORD("a word");

    private final String description;

    Form(String description) {
      this.description = description;
    }
  }

  private static final Pattern TIME =
      Pattern.compile("(\\d{1,9}(?:\\.\\d{1,6})?)(us|µs|ms|s|m|h|d)");
  private static final Pattern CORES = Pattern.compile("\\d{1,7}(?:\\.\\d{1,3})?");
  private static final BigDecimal THOUSAND = BigDecimal.valueOf(1000);

  private final Form form;

  Fact(Form form) {
    this.form = form;
  }

  String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Optional<Fact> named(String word) {
    return Arrays.stream(values())
        .filter(fact -> fact.text().equals(word.toLowerCase(Locale.ROOT)))
        .findFirst();
  }

  static String names() {
    return Arrays.stream(values()).map(Fact::text).collect(Collectors.joining(", "));
  }

  /// What a value of it looks like, for people.
  String description() {
    return form.description;
  }

  /// Places and words are the same or not; there is no order.
  boolean ordered() {
    return form != Form.PLACE && form != Form.WORD;
  }

  boolean readable(String value) {
    return switch (form) {
      case DURATION -> nanos(value).isPresent();
      case CORES -> CORES.matcher(value).matches();
      case SIZE -> bytes(value).isPresent();
      case VERSION -> Version.parse(value).isPresent();
      case PLACE, WORD -> !value.isBlank();
    };
  }

  /// The peer's fact compared with a readable value; nothing where the fact is not known.
  Optional<Integer> compare(PeerFacts facts, String value) {
    return switch (this) {
      case RTT -> facts.rtt().map(rtt -> duration(rtt, value));
      case UPTIME -> facts.uptime().map(uptime -> duration(uptime, value));
      case CPU ->
          facts
              .resources()
              .map(has -> BigDecimal.valueOf(has.cpuMillis()).compareTo(millis(value)));
      case MEMORY -> facts.resources().map(Resources::memory).map(has -> size(has, value));
      case DISK -> facts.resources().map(Resources::disk).map(has -> size(has, value));
      case VERSION ->
          facts
              .version()
              .flatMap(Version::parse)
              .map(has -> has.compareTo(Version.parse(value).orElseThrow()));
      case LOCATION -> facts.location().map(has -> within(has, value) ? 0 : 1);
      case KIND -> facts.kind().map(has -> has.equalsIgnoreCase(value) ? 0 : 1);
    };
  }

  private static int duration(Duration has, String value) {
    return has.compareTo(Duration.ofNanos(nanos(value).orElseThrow()));
  }

  private static BigDecimal millis(String value) {
    return new BigDecimal(value).multiply(THOUSAND);
  }

  private static int size(long has, String value) {
    return Long.compare(has, bytes(value).orElseThrow());
  }

  /// `EU` holds for `EU/DE/Berlin`, and `EU/D` does not.
  private static boolean within(String place, String wanted) {
    String here = place.toLowerCase(Locale.ROOT);
    String there = wanted.toLowerCase(Locale.ROOT);
    return here.equals(there) || here.startsWith(there.endsWith("/") ? there : there + "/");
  }

  private static Optional<Long> nanos(String value) {
    Matcher matcher = TIME.matcher(value);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    long unit =
        switch (matcher.group(2)) {
          case "us", "µs" -> 1_000L;
          case "ms" -> 1_000_000L;
          case "s" -> 1_000_000_000L;
          case "m" -> 60_000_000_000L;
          case "h" -> 3_600_000_000_000L;
          default -> 86_400_000_000_000L;
        };
    BigDecimal nanos = new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(unit));
    return nanos.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0
        ? Optional.empty()
        : Optional.of(nanos.longValue());
  }

  private static Optional<Long> bytes(String value) {
    try {
      return Optional.of(ByteSize.parse(value));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
