package io.atoll.daemon;

import io.atoll.client.cli.Command;
import io.atoll.client.cli.Context;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.daemon.store.PrivateFiles;
import io.atoll.p2p.pnet.NetworkKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "swarm-key",
    header = "Make the key of a private network.",
    description = {
      "",
      "Whoever has the file is in: copy it to each node, and name it there with --p2p-swarm-key. Without"
          + " a file's name the key is printed. Other programs of libp2p read it, too."
    },
    footer = {"  atoll p2p swarm-key ./swarm.key", "  atoll up --p2p-swarm-key ./swarm.key"})
final class SwarmKeyVerb extends Command {
  /// What the command made.
  ///
  /// @param key what two nodes may compare in public
  public record Made(String file, String key) {}

  @Parameters(
      arity = "0..1",
      paramLabel = "FILE",
      description = "Where to write it; must not exist.")
  @Nullable Path file;

  @Override
  protected int run(Context context) {
    NetworkKey key = NetworkKey.generate();
    Path wanted = file;
    if (wanted == null) {
      context.print(new String(key.encode(), StandardCharsets.US_ASCII).strip());
      return 0;
    }
    write(key, wanted);
    Made made = new Made(wanted.toAbsolutePath().toString(), key.fingerprint());
    if (context.json()) {
      context.printJson(made);
    } else if (context.quiet()) {
      context.print(made.file());
    } else {
      context.print("made " + made.file() + ", the key " + made.key());
    }
    return 0;
  }

  private static void write(NetworkKey key, Path file) {
    try {
      PrivateFiles.create(file);
      Files.write(file, key.encode());
    } catch (FileAlreadyExistsException e) {
      throw new AtollException(
          ErrorCode.CONFLICT,
          file + " is there already, and may be the key of a network",
          "name another file, or remove that one",
          e);
    } catch (IOException e) {
      throw new AtollException(
          ErrorCode.BAD_REQUEST,
          "cannot write " + file + ": " + e,
          "name a file in a folder that is there and may be written to",
          e);
    }
  }
}
