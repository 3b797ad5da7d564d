package io.atoll.daemon.hub.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.client.api.TaskSpec;
import io.atoll.client.api.TaskSpec.OnDisconnect;
import io.atoll.client.api.TaskSpec.Restart.Policy;
import io.atoll.client.api.TaskState;
import io.atoll.core.term.Exit;
import io.atoll.core.term.Exit.Cause;
import io.atoll.daemon.store.TaskRow.Attempts;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RestartRulesTest {
  private static TaskSpec spec(Policy policy, OnDisconnect onDisconnect) {
    return HubFixture.spec(null, HubFixture.SMALL, policy, onDisconnect);
  }

  @ParameterizedTest
  @CsvSource({
    "NEVER,      EXITED,        0,   SUCCEEDED",
    "ON_FAILURE, EXITED,        0,   SUCCEEDED",
    "ALWAYS,     EXITED,        0,   again",
    "NEVER,      EXITED,        3,   FAILED",
    "ON_FAILURE, EXITED,        3,   again",
    "ALWAYS,     SIGNALED,      139, again",
    "NEVER,      OUT_OF_MEMORY, 137, FAILED",
    "ON_FAILURE, TIME_LIMIT,    143, again",
    "ALWAYS,     START_FAILED,  127, FAILED",
    "ALWAYS,     START_FAILED,  126, FAILED",
    "NEVER,      START_FAILED,  125, again",
    "NEVER,      LOST,          125, FAILED",
    "ON_FAILURE, LOST,          125, again",
    "NEVER,      STOPPED,       143, FAILED",
    "ON_FAILURE, STOPPED,       143, again",
  })
  void whatFollows(Policy policy, Cause cause, int code, String expected) {
    RestartRules.Next next =
        RestartRules.after(
            spec(policy, OnDisconnect.KEEP), Attempts.NONE, new Exit(cause, code, ""), false);
    assertThat(
            switch (next) {
              case RestartRules.Over over -> over.state().name();
              case RestartRules.Again _ -> "again";
            })
        .isEqualTo(expected);
  }

  @Test
  void anEndThatWasAskedForIsStopped() {
    for (Cause cause : Cause.values()) {
      RestartRules.Next next =
          RestartRules.after(
              spec(Policy.ALWAYS, OnDisconnect.KEEP), Attempts.NONE, new Exit(cause, 1, ""), true);
      assertThat(next)
          .isEqualTo(new RestartRules.Over(TaskState.STOPPED, Attempts.NONE, "stopped"));
    }
  }

  @Test
  void stopOnDisconnectIsNeverFollowedByAnotherRun() {
    assertThat(
            RestartRules.after(
                spec(Policy.ALWAYS, OnDisconnect.STOP),
                Attempts.NONE,
                new Exit(Cause.STOPPED, 143, ""),
                false))
        .isInstanceOf(RestartRules.Over.class);
  }

  @Test
  void attemptsAreBoundedByCause() {
    TaskSpec spec = spec(Policy.ON_FAILURE, OnDisconnect.KEEP);
    assertThat(RestartRules.after(spec, new Attempts(2, 0, 0), Exit.of(1), false))
        .isInstanceOf(RestartRules.Over.class);
    assertThat(RestartRules.after(spec, new Attempts(1, 2, 2), Exit.of(1), false))
        .isInstanceOf(RestartRules.Again.class);
    assertThat(RestartRules.after(spec, new Attempts(2, 1, 1), Exit.lost(""), false))
        .isInstanceOf(RestartRules.Over.class);
  }

  @Test
  void delaysDouble() {
    assertThat(java.util.stream.IntStream.rangeClosed(1, 8).mapToObj(RestartRules::delay))
        .extracting(Duration::toSeconds)
        .containsExactly(1L, 2L, 4L, 8L, 16L, 32L, 60L, 60L);
    RestartRules.Next first =
        RestartRules.after(
            spec(Policy.NEVER, OnDisconnect.KEEP), Attempts.NONE, Exit.startFailed(""), false);
    assertThat(((RestartRules.Again) first).delay()).isZero();
  }
}
