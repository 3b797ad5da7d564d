package io.atoll.daemon.network;

import io.atoll.core.identity.Identity;
import io.atoll.core.term.NetworkId;
import io.atoll.daemon.store.PrivateFiles;
import io.atoll.vpn.network.NodeKey;
import io.atoll.vpn.wireguard.crypto.PrivateKey;
import io.atoll.vpn.wireguard.crypto.PublicKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The keys of this node, in files that only its user may read: one for each network, and one
/// more where devices are let in.
final class NodeKeys {
  /// @param signed the public half, for the others
  record Pair(PrivateKey secret, NodeKey signed) {}

  private static final Logger LOG = LoggerFactory.getLogger(NodeKeys.class);

  private final Path folder;
  private final Identity identity;
  private final SecureRandom random = new SecureRandom();

  NodeKeys(Path folder, Identity identity) {
    this.folder = folder;
    this.identity = identity;
  }

  /// The key for a network, made if there is none.
  Pair of(NetworkId network) throws IOException {
    Pair known = read(network, file(network));
    return known != null ? known : make(network, file(network));
  }

  /// The key by which devices know this node in a network, made if there is none.
  Pair door(NetworkId network) throws IOException {
    Path file = doorFile(network);
    Pair known = read(network, file);
    if (known != null) {
      return known;
    }
    if (Files.exists(file)) {
      LOG.error(
          "the key by which devices know this node in network {} is damaged ({}): it gets another,"
              + " and those devices have to be removed and invited again (atoll net devices)",
          network,
          file);
    }
    return make(network, file);
  }

  private @Nullable Pair read(NetworkId network, Path file) throws IOException {
    if (!Files.exists(file)) {
      return null;
    }
    List<String> lines = Files.readString(file, StandardCharsets.ISO_8859_1).lines().toList();
    try {
      PrivateKey secret = PrivateKey.parse(lines.get(0));
      NodeKey signed = NodeKey.open(Base64.getDecoder().decode(lines.get(1)));
      boolean ours =
          signed.node().equals(identity.id())
              && signed.network().equals(network)
              && secret.publicKey().equals(publicKey(signed));
      return ours ? new Pair(secret, signed) : null;
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      return null; // Half a file is no key; a new one is as good.
    }
  }

  private static PublicKey publicKey(NodeKey signed) {
    return new PublicKey(signed.key());
  }

  private Pair make(NetworkId network, Path file) throws IOException {
    PrivateKey secret = PrivateKey.random(random);
    NodeKey signed = NodeKey.sign(identity, network, secret.publicKey().bytes(), Instant.now());
    Path partial = file.resolveSibling(file.getFileName() + ".partial");
    Files.deleteIfExists(partial);
    PrivateFiles.create(partial);
    String text =
        Base64.getEncoder().encodeToString(secret.secretBytes())
            + "\n"
            + Base64.getEncoder().encodeToString(signed.signed())
            + "\n";
    Files.writeString(partial, text, StandardCharsets.US_ASCII);
    PrivateFiles.sync(partial);
    Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    PrivateFiles.syncFolder(folder);
    return new Pair(secret, signed);
  }

  /// Forgets the keys for a network; the next ones are others.
  void forget(NetworkId network) throws IOException {
    Files.deleteIfExists(file(network));
    Files.deleteIfExists(doorFile(network));
  }

  private Path file(NetworkId network) {
    return folder.resolve(network + ".key");
  }

  private Path doorFile(NetworkId network) {
    return folder.resolve(network + ".door");
  }
}
