package io.atoll.daemon.rest;

import io.atoll.client.api.Problem;
import io.atoll.core.error.ErrorCode;
import io.atoll.daemon.golem.Golem;
import org.jspecify.annotations.Nullable;

/// A problem as Golem's clients read it: `message` says it all; the rest is ours.
record GolemProblem(String message, String code, int status, String detail, @Nullable String hint) {
  /// Where nothing came in time, Golem's clients ask again on this one.
  private static final int REQUEST_TIMEOUT = 408;

  static GolemProblem of(String path, Problem problem) {
    String hint = problem.hint();
    boolean again =
        problem.code().equals(ErrorCode.TIMEOUT.name())
            && Golem.isPath(path)
            && !path.startsWith("/net-api/");
    return new GolemProblem(
        hint == null ? problem.detail() : problem.detail() + " (" + hint + ")",
        problem.code(),
        again ? REQUEST_TIMEOUT : problem.status(),
        problem.detail(),
        hint);
  }
}
