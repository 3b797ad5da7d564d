package io.atoll.runtime.plugin;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.json.Json;
import io.atoll.core.term.RunId;
import java.io.IOException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// One line of a runtime.
sealed interface PluginMessage {
  /// It did what request `id` asked for.
  record Answer(long id, JsonNode result) implements PluginMessage {}

  /// It did not.
  record Refusal(long id, ErrorCode code, String text, String hint) implements PluginMessage {}

  /// More output is in the run's folder: the first `end` bytes.
  record Output(RunId run, long end) implements PluginMessage {}

  /// What a `prepare` that takes long does now.
  record Progress(RunId run, String text) implements PluginMessage {}

  /// A run's status has changed.
  record Changed(RunId run, PluginStatus status) implements PluginMessage {}

  /// An event of a later version.
  record Unknown() implements PluginMessage {}

  /// @param now what the clock says: an end in the future is none
  /// @throws IOException if it is no message, with a text that says why
  static PluginMessage of(byte[] line, Instant now) throws IOException {
    JsonNode said;
    try {
      said = Json.mapper().readTree(line);
    } catch (IOException | RuntimeException e) {
      throw new IOException("a line that is no JSON", e);
    }
    if (said == null || !said.isObject()) {
      throw new IOException("a line that is no JSON object");
    }
    JsonNode event = said.get("event");
    if (event != null) {
      return event(PluginField.text(said, "event", 40), PluginField.object(said, "params"), now);
    }
    long id = PluginField.number(said, "id", 1, PluginField.MOST);
    if (said.has("error")) {
      JsonNode error = PluginField.object(said, "error");
      return new Refusal(
          id,
          code(PluginField.text(error, "code", 40)),
          PluginField.text(error, "text", 1000),
          error.has("hint") ? PluginField.text(error, "hint", 500) : "");
    }
    return new Answer(id, PluginField.object(said, "result"));
  }

  private static PluginMessage event(String name, JsonNode params, Instant now) throws IOException {
    return switch (name) {
      case "output" ->
          new Output(
              PluginField.run(params), PluginField.number(params, "end", 0, PluginField.MOST));
      case "progress" ->
          new Progress(PluginField.run(params), PluginField.text(params, "text", 200));
      case "status" -> new Changed(PluginField.run(params), PluginStatus.of(params, now));
      default -> new Unknown();
    };
  }

  private static ErrorCode code(@Nullable String text) {
    for (ErrorCode code : ErrorCode.values()) {
      if (code.name().equals(text)) {
        return code;
      }
    }
    return ErrorCode.INTERNAL;
  }
}
