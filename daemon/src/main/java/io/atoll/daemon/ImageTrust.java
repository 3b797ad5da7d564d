package io.atoll.daemon;

import io.atoll.client.cli.Command;
import io.atoll.client.cli.Context;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.runtime.image.content.Digest;
import io.atoll.runtime.image.content.DurableFiles;
import io.atoll.runtime.image.content.Reference;
import io.atoll.runtime.image.registry.ImageName;
import io.atoll.runtime.image.registry.Registry;
import io.atoll.runtime.signature.CosignTags;
import io.atoll.runtime.signature.ImageSignature;
import io.atoll.runtime.signature.SigningKey;
import io.atoll.runtime.signature.TrustPolicy;
import io.atoll.runtime.signature.TrustRule;
import io.atoll.runtime.signature.Verdict;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// The verbs of `image` that are about who vouches for an image.
final class ImageTrust {
  private ImageTrust() {}

  /// Looks for signatures of cosign where a policy asks for them. That none could be had is no
  /// failure here: the policy refuses what lacks them.
  static void fetchSignatures(Context context, LocalImages local, ImageName name, Reference image)
      throws InterruptedException {
    boolean asked =
        local.trust().planned().rules().stream().anyMatch(rule -> rule instanceof TrustRule.Cosign);
    if (!asked) {
      return;
    }
    try (Registry registry = new Registry(local.images().settings().registry())) {
      CosignTags tags = new CosignTags(registry, local.images().store());
      tags.find(name, image.digest()).forEach(local.signatures()::add);
      Digest index = image.index();
      if (index != null) {
        tags.find(name, index).forEach(local.signatures()::add);
      }
    } catch (AtollException e) {
      context.note("could not look for signatures of " + name + ": " + e.text());
    }
  }

  @CommandLine.Command(
      name = "sign",
      header = "Vouch for an image: sign its digest (Ed25519).",
      description = {
        "",
        "Makes the key if there is none. With --out the signature is written there as well, for others to"
            + " take: atoll image verify IMAGE --signature FILE."
      },
      footer = {
        "  atoll image sign app:1",
        "  atoll image sign app:1 --key team.pem --out app.sig.json"
      })
  static final class SignVerb extends Command {
    @Option(
        names = "--key",
        paramLabel = "FILE",
        description = "Private key, PEM (image-key.pem in the data folder).")
    @Nullable Path key;

    @Option(names = "--out", paramLabel = "FILE", description = "Write the signature there too.")
    @Nullable Path out;

    @Parameters(paramLabel = "IMAGE", description = "Name or digest.")
    String name = "";

    @Override
    protected int run(Context context) {
      LocalImages local = LocalImages.of(context);
      Reference image = local.images().get(name);
      SigningKey signer = SigningKey.at(key == null ? local.key() : key);
      ImageSignature.Detached signature = signer.sign(image.digest());
      local.signatures().add(signature);
      Path target = out;
      if (target != null) {
        try {
          DurableFiles.write(target, signature.encode());
        } catch (IOException e) {
          throw DurableFiles.failure("write " + target, target.toAbsolutePath(), e);
        }
      }
      String by = signer.publicKey().toString();
      if (context.json()) {
        context.printJson(Map.of("digest", image.digest().toString(), "key", by));
      } else {
        context.print(context.quiet() ? by : "signed " + image.digest() + " with " + by);
      }
      if (!context.quiet() && !context.json()) {
        context.note("whoever trusts you: `atoll image trust " + by + "`");
      }
      return 0;
    }
  }

  @CommandLine.Command(
      name = "verify",
      header = "Say whether the trust policy allows an image, and why.",
      description = {"", "Exit status 0 if it does, 4 if not."},
      footer = {
        "  atoll image verify app:1",
        "  atoll image verify app:1 --signature app.sig.json"
      })
  static final class VerifyVerb extends Command {
    @Option(
        names = "--signature",
        paramLabel = "FILE",
        description = "Take this signature along, and keep it.")
    @Nullable Path signature;

    @Parameters(paramLabel = "IMAGE", description = "Name or digest.")
    String name = "";

    @Override
    protected int run(Context context) {
      LocalImages local = LocalImages.of(context);
      Reference image = local.images().get(name);
      Path file = signature;
      if (file != null) {
        local.signatures().add(read(file, image));
      }
      return switch (local.judge(image)) {
        case Verdict.Allowed(String reason) -> {
          if (context.json()) {
            context.printJson(
                Map.of("allowed", true, "digest", image.digest().toString(), "reason", reason));
          } else {
            context.print(context.quiet() ? "allowed" : "allowed: " + reason);
          }
          yield 0;
        }
        case Verdict.Refused(String reason) ->
            throw new AtollException(
                ErrorCode.DENIED,
                "the image may not run here: " + reason,
                "allow its hash or who signed it: atoll image trust " + image.digest());
      };
    }

    private static ImageSignature read(Path file, Reference image) {
      try {
        if (Files.size(file) > ImageSignature.MOST_BYTES) {
          throw new IOException("it is too large");
        }
        ImageSignature read = ImageSignature.decode(Files.readAllBytes(file));
        if (!read.digest().equals(image.digest())
            && !read.digest().equals(image.index())
            && !read.digest().equals(image.sha3())) {
          throw new IOException("it is of another image, " + read.digest());
        }
        return read;
      } catch (IOException e) {
        throw new AtollException(
            ErrorCode.BAD_REQUEST,
            "cannot take the signature " + file + ": " + e.getMessage(),
            "make one: atoll image sign IMAGE --out FILE",
            e);
      }
    }
  }

  @CommandLine.Command(
      name = "trust",
      header = "Show or change which images may run on this machine.",
      description = {
        "",
        "A rule is * (all), sha256:HASH, sha3-256:HASH, ed25519:KEY or cosign:KEY (or a file such as"
            + " cosign.pub). A fresh install has the one rule *; the first other rule takes its place. An empty"
            + " list (--none) allows none, and so does a policy that is lost or damaged. Unless *"
            + " is there, a task without an image is refused. Every run is checked on its node"
            + " before it is prepared; what runs already goes on."
      },
      footer = {
        "  atoll image trust",
        "  atoll image trust sha256:HASH ed25519:KEY",
        "  atoll image trust ./cosign.pub",
        "  atoll image trust --remove '*'",
        "  atoll image trust --none"
      })
  static final class TrustVerb extends Command {
    @Option(names = "--remove", description = "Take the rules away instead of adding them.")
    boolean remove;

    @Option(names = "--none", description = "Forget all rules first: nothing may run.")
    boolean none;

    @Parameters(paramLabel = "RULE", arity = "0..*", description = "Rules to add.")
    List<String> rules = List.of();

    @Override
    protected int run(Context context) {
      LocalImages local = LocalImages.of(context);
      TrustPolicy policy = local.trust().planned();
      String broken = policy.broken();
      if (broken != null && !none) {
        throw new AtollException(
            ErrorCode.BAD_REQUEST,
            broken + "; nothing may run",
            "write it anew: atoll image trust --none RULE…");
      }
      if (none || !rules.isEmpty()) {
        boolean all = !policy.restricted();
        policy = changed(policy);
        try {
          DurableFiles.folder(context.dataDir());
          local.trust().write(policy);
        } catch (IOException e) {
          throw DurableFiles.failure("write the trust policy", local.trust().file(), e);
        }
        if (all && policy.restricted() && !remove && !none && !context.quiet()) {
          context.note("no longer everything: from now on only what is listed may run");
        }
      }
      List<String> texts = policy.rules().stream().map(TrustRule::toString).toList();
      if (context.json()) {
        context.printJson(Map.of("allow", texts));
      } else {
        texts.forEach(context::print);
        if (texts.isEmpty() && !context.quiet()) {
          context.note("no image may run here");
        }
      }
      return 0;
    }

    /// A rule beside `*` would say nothing, so it takes its place.
    private TrustPolicy changed(TrustPolicy policy) {
      List<TrustRule> all = new ArrayList<>(none ? List.of() : policy.rules());
      for (String rule : rules) {
        TrustRule parsed = parsed(rule);
        all.remove(parsed);
        if (!remove) {
          if (!(parsed instanceof TrustRule.Any)) {
            all.remove(new TrustRule.Any());
          }
          all.add(parsed);
        }
      }
      return TrustPolicy.of(all);
    }

    private TrustRule parsed(String rule) {
      try {
        if (rule.endsWith(".pub") || rule.startsWith("./") || rule.startsWith("/")) {
          return TrustRule.parse(Files.readString(Path.of(rule), StandardCharsets.US_ASCII));
        }
        return TrustRule.parse(rule);
      } catch (IOException e) {
        throw usage("cannot read the key " + rule + ": " + e.getMessage());
      } catch (IllegalArgumentException e) {
        throw usage(String.valueOf(e.getMessage()));
      }
    }
  }
}
