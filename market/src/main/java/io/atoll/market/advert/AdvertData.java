package io.atoll.market.advert;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.core.term.PlainText;
import io.atoll.core.term.Resources;
import java.util.List;
import java.util.Map;

/// What is advertised.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = AdvertData.OfProvider.class, name = "provider"),
  @JsonSubTypes.Type(value = AdvertData.OfHub.class, name = "hub")
})
public sealed interface AdvertData {
  /// The longest name or version.
  int LONGEST_WORD = 64;

  /// The most addresses, drivers or labels.
  int MOST = 16;

  int LONGEST_ADDRESS = 256;

  /// What people call the node.
  String name();

  /// Multiaddrs where it may be dialled.
  List<String> addresses();

  /// A provider and what it has.
  ///
  /// @param total what it shares in all
  /// @param free what was not reserved when this was signed
  record OfProvider(
      String name,
      String version,
      String os,
      String arch,
      Resources total,
      Resources free,
      List<String> drivers,
      Map<String, String> labels,
      List<String> addresses)
      implements AdvertData {
    public OfProvider {
      words(List.of(name, version, os, arch));
      if (total == null || free == null || !free.fitsIn(total)) {
        throw new IllegalArgumentException("a provider has no more free than it has");
      }
      words(drivers);
      words(List.copyOf(labels.keySet()));
      words(List.copyOf(labels.values()));
      dialled(addresses);
      drivers = List.copyOf(drivers);
      labels = Map.copyOf(labels);
      addresses = List.copyOf(addresses);
    }
  }

  /// A hub that may be asked for an invite. Its peer id is its key: who joins pins it.
  record OfHub(String name, String version, List<String> addresses) implements AdvertData {
    public OfHub {
      words(List.of(name, version));
      dialled(addresses);
      addresses = List.copyOf(addresses);
    }

    /// With as much of each as may be told.
    public static OfHub of(String name, String version, List<String> addresses) {
      return new OfHub(word(name), word(version), addresses.stream().limit(MOST).toList());
    }
  }

  /// As much of a text as may be told.
  static String word(String text) {
    return PlainText.line(text, LONGEST_WORD / 2); // a character may count twice
  }

  private static void words(List<String> words) {
    if (words.size() > MOST) {
      throw new IllegalArgumentException("a list of " + words.size());
    }
    for (String word : words) {
      if (word.length() > LONGEST_WORD || word.codePoints().anyMatch(PlainText::hidden)) {
        throw new IllegalArgumentException("a word of " + word.length() + " characters");
      }
    }
  }

  private static void dialled(List<String> addresses) {
    if (addresses.size() > MOST) {
      throw new IllegalArgumentException("a list of " + addresses.size() + " addresses");
    }
    for (String address : addresses) {
      if (address.length() > LONGEST_ADDRESS) {
        throw new IllegalArgumentException("an address of " + address.length() + " characters");
      }
      var _ = Multiaddr.parse(address);
    }
  }
}
