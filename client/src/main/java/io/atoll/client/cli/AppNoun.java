package io.atoll.client.cli;

import io.atoll.client.HubClient;
import io.atoll.client.api.KeyView;
import io.atoll.client.api.RedeemRequest;
import io.atoll.client.request.AccessMapping;
import io.atoll.core.identity.Identity;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "app",
    header = "Apps and their keys: create, list, revoke, redeem.",
    footer = {
      "  atoll app create ci --key-file ci.key",
      "  atoll app list",
      "  atoll app redeem INVITE --name ci"
    },
    subcommands = {
      AppNoun.CreateVerb.class,
      AppNoun.ListVerb.class,
      AppNoun.RevokeVerb.class,
      AppNoun.RedeemVerb.class
    })
final class AppNoun extends Noun {

  @CommandLine.Command(
      name = "create",
      header = "Make an app with a key of its own, which it proves and never shows.",
      description = {
        "",
        "The key is made in the file, readable by you alone, unless there is one in it. Whoever"
            + " uses the app has the file, and names it by ATOLL_KEY_FILE. With --public-key the"
            + " key was made elsewhere and stays there."
      },
      footer = {
        "  atoll app create ci --key-file ci.key",
        "  ATOLL_HUB=http://hub.example:7465 ATOLL_KEY_FILE=ci.key atoll run -- make",
        "  atoll app create ci --public-key ed25519:BASE64"
      })
  static final class CreateVerb extends Command {
    @Option(names = "--key-file", paramLabel = "FILE", description = "The app's key (NAME.key).")
    @Nullable Path keyFile;

    @Option(
        names = "--public-key",
        paramLabel = "KEY",
        description = "The app's public key, in place of a file.")
    @Nullable String publicKey;

    @Parameters(paramLabel = "NAME", description = "What people call it.")
    String name = "";

    @Override
    protected int run(Context context) {
      if (keyFile != null && publicKey != null) {
        throw usage("--key-file and --public-key exclude each other");
      }
      HubClient hub = context.hub();
      Path file = keyFile != null ? keyFile : Path.of(name.replace('/', '-') + ".key");
      String key = publicKey;
      if (key == null) {
        key = AccessMapping.publicKeyText(Identity.at(file).publicKey().data());
      }
      KeyView app = hub.createApp(name, key);
      if (context.json()) {
        context.printJson(app);
      } else {
        context.print(app.id());
        if (!context.quiet() && publicKey == null) {
          context.note("its key is in " + file + ": `export ATOLL_KEY_FILE=" + file + "` uses it");
        }
      }
      return 0;
    }
  }

  @CommandLine.Command(
      name = "list",
      header = "List keys, without their secret.",
      footer = {"  atoll app list"})
  static final class ListVerb extends Command {
    @Override
    protected int run(Context context) {
      List<KeyView> keys = context.hub().keys();
      if (context.json()) {
        context.printJson(keys);
      } else if (context.quiet()) {
        keys.forEach(key -> context.print(key.id()));
      } else {
        Table table = new Table("ID", "NAME", "KEY", "AGE", "REVOKED");
        Instant now = Instant.now();
        for (KeyView key : keys) {
          String publicKey = key.publicKey();
          String kind = publicKey == null ? "secret" : publicKey;
          table.row(
              key.id(), key.name(), kind, Ages.between(key.createdAt(), now), key.revokedAt());
        }
        context.print(table);
      }
      return 0;
    }
  }

  @CommandLine.Command(
      name = "revoke",
      header = "Revoke keys: requests with them are refused from now on.",
      footer = {"  atoll app revoke ID"})
  static final class RevokeVerb extends Command {
    @Parameters(paramLabel = "ID", arity = "1..*", description = "Id of the key.")
    List<String> ids = List.of();

    @Override
    protected int run(Context context) {
      HubClient hub = context.hub();
      for (String id : ids) {
        hub.revokeKey(id);
        context.print(id);
      }
      return 0;
    }
  }

  @CommandLine.Command(
      name = "redeem",
      header = "Trade an app invite for a key.",
      description = {
        "",
        "Needs the hub's address (ATOLL_HUB, or a daemon on this machine), but no key. The key is shown this once."
      },
      footer = {
        "  export ATOLL_HUB=http://hub.example:7465",
        "  export ATOLL_KEY=$(atoll app redeem -q INVITE --name ci)"
      })
  static final class RedeemVerb extends Command {
    @Option(names = "--name", paramLabel = "NAME", description = "What people call the app (app).")
    @Nullable String name;

    @Parameters(paramLabel = "INVITE", description = "The string that the hub's owner gave you.")
    String invite = "";

    @Override
    protected int run(Context context) {
      String key = context.hub().redeem(new RedeemRequest(invite, name));
      if (context.json()) {
        context.printJson(Map.of("key", key));
        return 0;
      }
      context.print(key);
      if (!context.quiet()) {
        context.note("keep it: `export ATOLL_KEY=…` lets this CLI use it");
      }
      return 0;
    }
  }
}
