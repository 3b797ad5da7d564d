package io.atoll.p2p.mdns;

import io.atoll.core.multiformat.Base32;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.regex.Pattern;

/// The name under which peers ask and answer; those with another one do not see each other.
public record ServiceTag(String name) {
  private static final Pattern FORM =
      Pattern.compile("_[a-z0-9-]{1,15}\\._(?:udp|tcp)\\.[a-z0-9-]{1,63}");

  /// How much of the hash fits into a name of a service, which has 15 characters (RFC 6335).
  private static final int HASH_CHARACTERS = 11;

  /// That of all of libp2p.
  public static final ServiceTag STANDARD = new ServiceTag("_p2p._udp.local");

  public ServiceTag {
    if (!FORM.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "not the name of a service of mDNS: '" + name + "'; write one like _p2p._udp.local");
    }
  }

  /// That of the nodes with the same rendezvous name; the standard one where it is empty. The name
  /// itself is not shown to the network.
  public static ServiceTag ofRendezvous(String rendezvous) {
    if (rendezvous.isEmpty()) {
      return STANDARD;
    }
    byte[] hash = sha256("atoll-mdns:" + rendezvous);
    return new ServiceTag(
        "_p2p-" + Base32.encode(hash).substring(0, HASH_CHARACTERS) + "._udp.local");
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
