package io.atoll.client.cli;

import io.atoll.client.request.Nearest;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "completion",
    header = "Print the completion script of a shell.",
    footer = {
      "  source <(atoll completion bash)                                      bash, this session",
      "  atoll completion zsh > \"$fpath[1]/_atoll\"                            zsh",
      "  atoll completion fish > ~/.config/fish/completions/atoll.fish        fish"
    })
final class CompletionCommand extends Command {
  @Parameters(paramLabel = "SHELL", description = "bash, zsh or fish.")
  String shell = "";

  @Override
  protected int run(Context context) {
    Completion completion = new Completion(spec().root());
    context.bytes(
        switch (shell) {
          case "bash" -> completion.bash();
          case "zsh" -> completion.zsh();
          case "fish" -> completion.fish();
          default ->
              throw usage(
                  "Unknown shell '"
                      + shell
                      + "'; "
                      + Nearest.hint(shell, List.of("bash", "zsh", "fish"))
                      + "write bash, zsh or fish");
        });
    return 0;
  }
}
