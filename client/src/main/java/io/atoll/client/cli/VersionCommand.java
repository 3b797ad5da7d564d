package io.atoll.client.cli;

import io.atoll.client.api.Build;
import io.atoll.client.api.VersionView;
import picocli.CommandLine;

@CommandLine.Command(
    name = "version",
    header = "Show the version of this program.",
    footer = {"  atoll version", "  atoll version -o json"})
final class VersionCommand extends Command {
  @Override
  protected int run(Context context) {
    show(context);
    return 0;
  }

  static void show(Context context) {
    VersionView version = Build.version();
    if (context.json()) {
      context.printJson(version);
    } else if (context.quiet()) {
      context.print(version.version());
    } else {
      context.print(
          "atoll "
              + version.version()
              + " ("
              + version.commit()
              + "), Java "
              + version.java()
              + ", "
              + version.os());
    }
  }
}
