package io.atoll.market.deploy;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.atoll.core.term.Endpoint;
import io.atoll.core.term.TaskId;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What a provider says to who asked it for a deployment.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = ToRequester.DepResp.class, name = "DepResp"),
  @JsonSubTypes.Type(value = ToRequester.JobStatus.class, name = "JobStatus"),
  @JsonSubTypes.Type(value = ToRequester.LogStdout.class, name = "LogStdout"),
  @JsonSubTypes.Type(value = ToRequester.LogStderr.class, name = "LogStderr")
})
public sealed interface ToRequester {
  /// Answer to one request; also to a `Follow` or `StopJob` that cannot be.
  ///
  /// @param id of the request; null where it had none
  /// @param success whether the job is on the provider's disk and will be started
  /// @param job its name there; null where there is none
  /// @param code one of Atoll's error codes; null with success
  /// @param content for people; empty with success
  /// @param hint what to do about it; empty with success
  record DepResp(
      @Nullable String id,
      boolean success,
      @Nullable TaskId job,
      @Nullable String code,
      String content,
      String hint)
      implements ToRequester {
    public DepResp {
      Objects.requireNonNull(content, "content");
      Objects.requireNonNull(hint, "hint");
      if (success == (job == null) || success != (code == null)) {
        throw new IllegalArgumentException("an answer names a job or a code");
      }
    }

    public static DepResp accepted(@Nullable String id, TaskId job) {
      return new DepResp(id, true, job, null, "", "");
    }

    public static DepResp refused(@Nullable String id, String code, String content, String hint) {
      return new DepResp(id, false, null, code, content, hint);
    }
  }

  /// How it stands with a job.
  ///
  /// @param state ACCEPTED, STARTING, RUNNING, SUSPENDED or EXITED
  /// @param detail for people; empty where the state says it all
  /// @param cause of the end, such as EXITED or OUT_OF_MEMORY, and
  /// @param exitCode as the shell would say; both null before the end
  record JobStatus(
      TaskId job,
      String state,
      String detail,
      List<Endpoint> endpoints,
      @Nullable String cause,
      @Nullable Integer exitCode)
      implements ToRequester {
    public JobStatus {
      endpoints = List.copyOf(endpoints);
    }
  }

  /// A piece of what a job wrote.
  ///
  /// @param offset of its first byte among all that the job wrote to both; a gap was not kept
  /// @param data base64 in JSON
  record LogStdout(TaskId job, long offset, byte[] data) implements ToRequester {}

  record LogStderr(TaskId job, long offset, byte[] data) implements ToRequester {}
}
