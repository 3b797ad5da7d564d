package io.atoll.client.cli;

import io.atoll.client.gate.Target;
import io.atoll.client.request.Shown;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "ssh",
    header = "Log in to a member of a network with this machine's ssh.",
    description = {
      "",
      "Runs `ssh` with a ProxyCommand that leads through the hub; whatever is behind the name goes to"
          + " ssh as it is. Ends with ssh's exit code."
    },
    footer = {
      "  atoll ssh --net mynet root@vm1",
      "  atoll ssh root@vm1.mynet.internal -- uname -a",
      "  atoll ssh --net mynet root@vm1 -- -p 2222 -i key -L 9000:localhost:9000"
    })
final class SshCommand extends Command {
  private static final int NOT_FOUND = 127;

  @Option(names = "--net", paramLabel = "NETWORK", description = "Its name or id.")
  @Nullable String network;

  @Option(names = "--ssh", hidden = true, description = "The program.")
  String program = "ssh";

  @Parameters(index = "0", paramLabel = "[USER@]HOST", description = "A member's name or address.")
  String who = "";

  @Parameters(
      index = "1..*",
      arity = "0..*",
      paramLabel = "SSH OPTIONS AND COMMAND",
      description = "For ssh, behind --.")
  List<String> rest = List.of();

  @Override
  protected int run(Context context) throws InterruptedException {
    int at = who.lastIndexOf('@');
    String user = at < 0 ? "" : who.substring(0, at);
    String host = who.substring(at + 1);
    Target target = Target.parse(host.indexOf(':') < 0 ? host : "[" + host + "]", 22);
    if (target == null || (at >= 0 && user.isEmpty()) || user.startsWith("-")) {
      throw usage("Invalid host " + Shown.quoted(who) + ": write USER@HOST, such as root@vm1");
    }
    String net = NetworkWay.dialer(context, network, List.of(host)).network();
    ProcessBuilder builder = new ProcessBuilder(words(context, user, target.host(), net));
    Map<String, String> environment = builder.environment();
    environment.putAll(context.terminal().environment());
    // Ctrl-C is ssh's, which has the terminal.
    try (Interrupts.Watch _ = context.interrupts().watch(() -> {})) {
      return builder.inheritIO().start().waitFor();
    } catch (IOException e) {
      throw new AtollException(
          ErrorCode.NOT_FOUND,
          "there is no program named " + program + " here",
          "install OpenSSH's client; `atoll forward --net "
              + net
              + " 2222:"
              + host
              + ":22` lets any"
              + " other program log in",
          e);
    }
  }

  /// ssh as it is to be run.
  private List<String> words(Context context, String user, String host, String net) {
    List<String> words = new ArrayList<>(List.of(program));
    String launcher = System.getProperty("atoll.launcher");
    List<String> own = new ArrayList<>(List.of(launcher == null ? "atoll" : launcher));
    own.addAll(List.of("--data-dir", context.dataDir().toString()));
    own.addAll(List.of("forward", "--net", net, "--stdio"));
    StringBuilder command = new StringBuilder();
    own.forEach(word -> command.append(quoted(word)).append(' '));
    // The port is known only to ssh: by an option, or by the user's own settings.
    command.append(quoted(host.indexOf(':') < 0 ? host : "[" + host + "]")).append(":%p");
    words.addAll(List.of("-o", "ProxyCommand=" + command));
    // The same name in two networks is not the same machine.
    String alias = host.endsWith(".internal") ? host : host + "." + net + ".internal";
    words.addAll(List.of("-o", "HostKeyAlias=" + alias));
    List<String> more =
        !rest.isEmpty() && rest.getFirst().equals("--") ? rest.subList(1, rest.size()) : rest;
    int options = options(more);
    words.addAll(more.subList(0, options));
    words.add("--");
    words.add(user.isEmpty() ? host : user + "@" + host);
    boolean separated = options < more.size() && more.get(options).equals("--");
    words.addAll(more.subList(separated ? options + 1 : options, more.size()));
    return words;
  }

  /// How many of the words are ssh's options, before a command begins (ssh(1), SYNOPSIS).
  private static int options(List<String> words) {
    String withValue = "BbcDEeFIiJLlmOoPpQRSWw";
    int i = 0;
    while (i < words.size() && words.get(i).startsWith("-") && words.get(i).length() > 1) {
      String word = words.get(i++);
      if (word.equals("--")) {
        return i - 1;
      }
      for (int at = 1; at < word.length(); at++) {
        if (withValue.indexOf(word.charAt(at)) >= 0) {
          i += at == word.length() - 1 ? 1 : 0;
          break;
        }
      }
    }
    return Math.min(i, words.size());
  }

  /// For the shell that ssh gives it to, and for ssh, which looks for percent signs.
  private static String quoted(String word) {
    return "'" + word.replace("'", "'\\''").replace("%", "%%") + "'";
  }

  @Override
  int statusOf(AtollException failure) {
    return failure.getCause() instanceof IOException ? NOT_FOUND : Failures.OWN_FAILURE;
  }
}
