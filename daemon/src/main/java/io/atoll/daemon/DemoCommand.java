package io.atoll.daemon;

import io.atoll.client.cli.Command;
import io.atoll.client.cli.Context;
import io.atoll.daemon.demo.Bubblewrap;
import io.atoll.daemon.demo.Demo;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;
import picocli.CommandLine.Option;

@CommandLine.Command(
    name = "demo",
    header = "Show everything at once: a hub, two providers, a task on each.",
    description = {
      "",
      "Starts three daemons of their own on loopback, with free ports and folders of their own, joins"
          + " them by invite and runs tasks on them. The pool stays until Ctrl-C."
    },
    footer = {"  atoll demo", "  atoll demo --once"})
final class DemoCommand extends Command {
  @Option(
      names = "--once",
      description = "End the pool at the end; exit 0 if all went well, else 1.")
  boolean once;

  @Option(
      names = "--allow-unsandboxed",
      description = "Run tasks without a sandbox (with limits). Never by default.")
  boolean unsandboxed;

  @Option(names = "--yes", description = "Install what is missing without asking.")
  boolean yes;

  @Override
  protected int run(Context context) throws Exception {
    if (!unsandboxed) {
      Bubblewrap.offer(context.terminal(), yes);
    }
    Path supervisor =
        Path.of(System.getProperty("atoll.supervisor", "/usr/libexec/atoll-supervisor"));
    try (ScratchFolder folder = ScratchFolder.make("atoll-demo-")) {
      Demo demo =
          new Demo(
              folder.path(),
              new PrintStream(context.terminal().out(), true, StandardCharsets.UTF_8),
              unsandboxed,
              supervisor);
      CountDownLatch closed = new CountDownLatch(1);
      CountDownLatch interrupted = new CountDownLatch(1);
      Thread hook =
          Thread.ofPlatform()
              .unstarted(
                  () -> {
                    interrupted.countDown();
                    demo.close();
                    folder.close();
                    closed.countDown();
                  });
      Runtime.getRuntime().addShutdownHook(hook);
      boolean whole = demo.play();
      if (!once) {
        context.print("");
        context.print("The pool is yours until Ctrl-C. Its API: " + demo.api());
        context.print("  export ATOLL_DATA_DIR=" + demo.hubDataDir());
        context.print("  atoll node list");
        context.print("  atoll run -- /bin/echo hello");
        interrupted.await();
        closed.await();
      }
      Runtime.getRuntime().removeShutdownHook(hook);
      demo.close();
      return whole ? 0 : 1;
    }
  }
}
