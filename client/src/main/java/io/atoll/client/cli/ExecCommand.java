package io.atoll.client.cli;

import io.atoll.client.HubClient;
import io.atoll.client.api.ExecRequest;
import io.atoll.client.request.ExecMapping;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.exec.ExecConversation;
import io.atoll.core.exec.ExecEnd;
import io.atoll.core.exec.TerminalSize;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "exec",
    header = "Run a command beside a task's payload.",
    description = {
      "",
      "It runs where and as what the payload runs, and goes on over restarts of the daemons. Ends with"
          + " the command's exit code; 125 to 127 if it did not start."
    },
    footer = {
      "  atoll exec web -- ls -l",
      "  atoll exec -it web -- sh",
      "  echo 'select 1' | atoll exec -i db -- psql"
    })
final class ExecCommand extends Command {
  private static final int SIGINT = 2;

  @Option(
      names = {"-i", "--interactive"},
      description = "Pass standard input on.")
  boolean interactive;

  @Option(
      names = {"-t", "--tty"},
      description = "Give it a terminal; yours is in raw mode meanwhile.")
  boolean tty;

  @Option(
      names = {"-e", "--env"},
      paramLabel = "NAME=VALUE",
      description = "Set a variable; repeatable.")
  List<String> env = List.of();

  @Parameters(index = "0", paramLabel = "TASK", description = "Id or name.")
  String task = "";

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "COMMAND",
      description = "Program and arguments, behind --.")
  List<String> command = List.of();

  @Override
  protected int run(Context context) throws InterruptedException {
    HubClient hub = context.hub();
    Map<String, String> variables = variables();
    TerminalSize size = tty ? terminalSize() : null;
    if (size != null) {
      variables.putIfAbsent(
          "TERM", context.terminal().environment().getOrDefault("TERM", "xterm-256color"));
    }
    List<String> words =
        command.getFirst().equals("--") ? command.subList(1, command.size()) : command;
    if (words.isEmpty()) {
      throw usage("Missing required parameter: COMMAND, behind --");
    }
    String session = ExecMapping.newSession();
    hub.exec(
        task,
        new ExecRequest(
            session,
            words,
            variables,
            size == null ? null : size.rows(),
            size == null ? null : size.columns(),
            null,
            null));
    InputStream input = interactive ? new FileInputStream(FileDescriptor.in) : null;
    ExecConversation conversation =
        new ExecConversation(
            () -> hub.attach(task, session),
            input,
            context.terminal().out(),
            context.terminal().err());
    ExecEnd end;
    try {
      end = size == null ? withInterrupts(context, conversation) : withTerminal(conversation, size);
    } catch (IOException e) {
      throw new AtollException(
          ErrorCode.INTERNAL,
          "the output of the command cannot be written: " + e.getMessage(),
          "see where standard output goes",
          e);
    }
    if (!end.detail().isEmpty()) {
      context.note(end.detail());
    }
    return end.code();
  }

  private Map<String, String> variables() {
    Map<String, String> variables = new LinkedHashMap<>();
    for (String variable : env) {
      int equals = variable.indexOf('=');
      if (equals < 1) {
        throw usage("Invalid value for --env: write NAME=VALUE");
      }
      variables.put(variable.substring(0, equals), variable.substring(equals + 1));
    }
    return variables;
  }

  private TerminalSize terminalSize() {
    TerminalSize size = RawTerminal.size();
    if (size == null) {
      throw usage("Invalid option -t: there is no terminal here; leave it out");
    }
    return size;
  }

  /// Ctrl-C is the command's; the third ends this program.
  private static ExecEnd withInterrupts(Context context, ExecConversation conversation)
      throws IOException, InterruptedException {
    AtomicInteger times = new AtomicInteger();
    Thread self = Thread.currentThread();
    try (Interrupts.Watch _ =
        context
            .interrupts()
            .watch(
                () -> {
                  if (times.incrementAndGet() < 3) {
                    conversation.signal(SIGINT);
                  } else {
                    self.interrupt();
                  }
                })) {
      return conversation.run();
    }
  }

  private static ExecEnd withTerminal(ExecConversation conversation, TerminalSize first)
      throws IOException, InterruptedException {
    try (RawTerminal _ = RawTerminal.open();
        Interrupts.Watch _ = SignalWatch.on("WINCH").watch(() -> resize(conversation, null))) {
      resize(conversation, first);
      return conversation.run();
    }
  }

  private static void resize(ExecConversation conversation, @Nullable TerminalSize known) {
    TerminalSize now = known == null ? RawTerminal.size() : known;
    if (now != null) {
      conversation.resize(now);
    }
  }
}
