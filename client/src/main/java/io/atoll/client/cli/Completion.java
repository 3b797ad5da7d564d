package io.atoll.client.cli;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// Completion scripts, made from the commands as they are. Each is one table, path of commands →
/// words that may follow, and a few lines of shell that walk it.
final class Completion {
  /// @param text for people
  private record Word(String word, String text) {}

  private final Map<String, List<Word>> table = new LinkedHashMap<>();

  Completion(CommandSpec root) {
    collect(root, "");
  }

  private void collect(CommandSpec spec, String path) {
    List<Word> words = new ArrayList<>();
    for (Map.Entry<String, CommandLine> entry : spec.subcommands().entrySet()) {
      CommandSpec child = entry.getValue().getCommandSpec();
      String[] header = child.usageMessage().header();
      words.add(new Word(entry.getKey(), header.length == 0 ? "" : header[0]));
    }
    for (OptionSpec option : spec.options()) {
      String[] text = option.description();
      words.add(new Word(option.longestName(), text.length == 0 ? "" : text[0]));
    }
    if (path.equals("completion")) {
      words.addAll(List.of(new Word("bash", ""), new Word("zsh", ""), new Word("fish", "")));
    }
    table.put(path, words);
    spec.subcommands()
        .forEach(
            (name, line) ->
                collect(line.getCommandSpec(), path.isEmpty() ? name : path + " " + name));
  }

  byte[] bash() {
    return text(
        """
        # bash completion for atoll
        _atoll_words() {
          case "$1" in
        %s    *) ;;
          esac
        }
        _atoll() {
          local cur="${COMP_WORDS[COMP_CWORD]}" path="" i word next
          for ((i = 1; i < COMP_CWORD; i++)); do
            word="${COMP_WORDS[i]}"
            [[ "$word" == "--" ]] && return
            next="${path:+$path }$word"
            [[ -n "$(_atoll_words "$next")" ]] && path="$next"
          done
          COMPREPLY=($(compgen -W "$(_atoll_words "$path")" -- "$cur"))
        }
        complete -o default -F _atoll atoll
        """
            .formatted(cases()));
  }

  byte[] zsh() {
    return text(
        """
        #compdef atoll
        _atoll_words() {
          case "$1" in
        %s    *) ;;
          esac
        }
        _atoll() {
          local atoll_path="" i word next
          for ((i = 2; i < CURRENT; i++)); do
            word="${words[i]}"
            [[ "$word" == "--" ]] && { _default; return; }
            next="${atoll_path:+$atoll_path }$word"
            [[ -n "$(_atoll_words "$next")" ]] && atoll_path="$next"
          done
          compadd -- ${=$(_atoll_words "$atoll_path")}
          _files
        }
        if [[ "${funcstack[1]}" == "_atoll" ]]; then
          _atoll "$@"
        else
          compdef _atoll atoll
        fi
        """
            .formatted(cases()));
  }

  private String cases() {
    StringBuilder cases = new StringBuilder();
    table.forEach(
        (path, words) -> {
          cases.append("    '").append(path).append("') echo '");
          cases.append(String.join(" ", words.stream().map(Word::word).toList())).append("' ;;\n");
        });
    return cases.toString();
  }

  byte[] fish() {
    StringBuilder script = new StringBuilder();
    script.append(
        """
        # fish completion for atoll
        function __atoll_at
            set -l path
            for word in (commandline -opc)[2..-1]
                string match -q -- '-*' $word; or set -a path $word
            end
            test "$path" = "$argv[1]"; or string match -q -- "$argv[1] *" "$path"
        end
        """);
    table.forEach(
        (path, words) -> {
          for (Word word : words) {
            script.append("complete -c atoll -n ").append(quoted("__atoll_at " + quoted(path)));
            if (word.word().startsWith("--")) {
              script.append(" -l ").append(word.word().substring(2));
            } else if (word.word().startsWith("-")) {
              script.append(" -s ").append(word.word().substring(1));
            } else {
              script.append(" -f -a ").append(word.word());
            }
            if (!word.text().isEmpty()) {
              script.append(" -d ").append(quoted(word.text()));
            }
            script.append('\n');
          }
        });
    return text(script.toString());
  }

  private static String quoted(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }

  private static byte[] text(String script) {
    return script.getBytes(StandardCharsets.UTF_8);
  }
}
