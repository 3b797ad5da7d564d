package io.atoll.daemon.provider;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.client.api.TaskRequest;
import io.atoll.client.api.TaskSpec;
import io.atoll.client.request.JsonFields;
import io.atoll.client.request.Shown;
import io.atoll.client.request.TaskMapping;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.json.Json;
import io.atoll.core.term.TaskId;
import java.io.IOException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What a peer may ask for in the protocol of deployment requests, read as strictly as a request of
/// the API: the fields of a job are those of a task.
sealed interface DeployRequest {
  /// @param id the peer's own name for it; null if it gave none
  /// @param payment reference of what it paid; null if it named none
  /// @param spec what to run
  record Deploy(@Nullable String id, @Nullable String payment, TaskSpec spec)
      implements DeployRequest {}

  /// @param offset from where on its output is wanted
  record Follow(TaskId job, long offset) implements DeployRequest {}

  record Stop(TaskId job) implements DeployRequest {}

  int MOST_PAYMENT = 256;
  Pattern ID = Pattern.compile("[A-Za-z0-9._:-]{1,64}");

  /// @throws AtollException BAD_REQUEST, UNKNOWN_DRIVER
  static DeployRequest read(byte[] json) {
    JsonFields fields = JsonFields.read(json);
    String type = fields.text("type");
    return switch (type == null ? "" : type) {
      case "DepReq" -> deploy(fields);
      case "Follow" -> {
        TaskId job = job(fields.text("job"));
        String offset = fields.quantity("offset");
        fields.done();
        yield new Follow(job, offset(offset));
      }
      case "StopJob" -> {
        TaskId job = job(fields.text("job"));
        fields.done();
        yield new Stop(job);
      }
      default ->
          throw refused(
              "type: " + Shown.quoted(String.valueOf(type)) + " is no request",
              "write DepReq, Follow or StopJob");
    };
  }

  private static Deploy deploy(JsonFields fields) {
    String id = fields.text("id");
    String payment = fields.text("payment");
    String executor = fields.text("executor");
    TaskRequest asked =
        new TaskRequest(
            null,
            driver(executor),
            fields.text("image"),
            fields.texts("command"),
            fields.map("env"),
            fields.quantity("cpus"),
            fields.quantity("memory"),
            fields.quantity("disk"),
            null,
            null,
            fields.quantities("ports"),
            fields.flag("publishAll"),
            null,
            null,
            null,
            fields.quantity("timeLimit"),
            fields.quantity("grace"),
            fields.integer("maxProcesses"),
            null);
    fields.done();
    if (id != null && !ID.matcher(id).matches()) {
      throw refused(
          "id: " + Shown.quoted(id) + " cannot be used",
          "use 1 to 64 letters, digits, dots, colons, hyphens and underscores");
    }
    if (payment != null && payment.length() > MOST_PAYMENT) {
      throw new AtollException(
          ErrorCode.PAYMENT_MALFORMED,
          "payment: a reference of " + payment.length() + " characters",
          "use at most " + MOST_PAYMENT);
    }
    return new Deploy(id, payment, TaskMapping.spec(asked));
  }

  /// NuNet's word for a driver.
  private static String driver(@Nullable String executor) {
    return switch (executor == null ? "" : executor) {
      case "docker" -> "docker";
      case "firecracker" -> "microvm";
      default ->
          throw new AtollException(
              ErrorCode.UNKNOWN_DRIVER,
              executor == null
                  ? "executor: missing"
                  : "executor: there is none called " + Shown.quoted(executor),
              "write docker or firecracker");
    };
  }

  private static TaskId job(@Nullable String text) {
    if (text == null || !TaskId.isId(text)) {
      throw refused(
          "job: " + Shown.quoted(String.valueOf(text)) + " is no job", "take it from the DepResp");
    }
    return new TaskId(text);
  }

  private static long offset(@Nullable String text) {
    try {
      long offset = text == null ? 0 : Long.parseLong(text);
      if (offset >= 0) {
        return offset;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw refused(
        "offset: " + Shown.quoted(String.valueOf(text)) + " is none", "write a number from 0 on");
  }

  /// The id in a message that is refused, as far as it has one: the answer names it.
  static @Nullable String id(byte[] json) {
    try {
      JsonNode id = Json.read(json, JsonNode.class).path("id");
      return id.isTextual() && ID.matcher(id.textValue()).matches() ? id.textValue() : null;
    } catch (IOException | IllegalArgumentException e) {
      return null;
    }
  }

  private static AtollException refused(String message, String hint) {
    return new AtollException(ErrorCode.BAD_REQUEST, message, hint);
  }
}
