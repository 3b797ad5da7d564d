package io.atoll.client.cli;

import io.atoll.core.error.AtollException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// Base of every command. What `run` throws is shown to the user; an `AtollException` gives the
/// exit status by its code.
public abstract class Command implements Callable<Integer> {
  @Spec @Nullable CommandSpec spec;

  /// Does the work.
  ///
  /// @return exit status
  protected abstract int run(Context context) throws Exception;

  @Override
  public final Integer call() throws Exception {
    return run(context(spec()));
  }

  protected CommandSpec spec() {
    CommandSpec known = spec;
    if (known == null) {
      throw new IllegalStateException("a command runs only from a command line");
    }
    return known;
  }

  /// A usage error: shown with the command's synopsis.
  protected CommandLine.ParameterException usage(String message) {
    return new CommandLine.ParameterException(spec().commandLine(), message);
  }

  /// The exit status for a failure of Atoll itself; commands that pass on a task's own have
  /// another.
  int statusOf(AtollException failure) {
    return failure.code().exitStatus();
  }

  static Context context(CommandSpec spec) {
    return ((Root) spec.root().userObject()).context();
  }
}
