package io.atoll.runtime.qemu;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.core.json.Json;
import java.io.IOException;

/// One line that QEMU sent, taken apart. Reads whatever comes without failing otherwise than by
/// `IOException`.
sealed interface QmpMessage {
  record Greeting(String version) implements QmpMessage {}

  record Event(QmpEvent event) implements QmpMessage {}

  /// @param id 0 if QEMU could not tell which command it answers
  record Result(long id, JsonNode value) implements QmpMessage {}

  /// @param id as above
  record Refusal(long id, String errorClass, String text) implements QmpMessage {}

  /// @throws IOException if the line is no message of QMP
  static QmpMessage of(byte[] line) throws IOException {
    JsonNode node = Json.mapper().readTree(line);
    if (node == null || !node.isObject()) {
      throw new IOException("QEMU sent a line that is no JSON object");
    }
    JsonNode id = node.path("id");
    long number = id.isIntegralNumber() && id.canConvertToLong() ? id.longValue() : 0;
    if (node.has("return")) {
      return new Result(number, node.get("return"));
    }
    if (node.has("error")) {
      JsonNode error = node.get("error");
      return new Refusal(number, text(error.path("class")), text(error.path("desc")));
    }
    if (node.has("event")) {
      return new Event(new QmpEvent(text(node.get("event")), node.path("data")));
    }
    if (node.has("QMP")) {
      JsonNode version = node.path("QMP").path("version").path("qemu");
      return new Greeting(
          version.path("major").asInt()
              + "."
              + version.path("minor").asInt()
              + "."
              + version.path("micro").asInt());
    }
    throw new IOException("QEMU sent an object that is no message of QMP");
  }

  private static String text(JsonNode node) {
    return node.isTextual() ? node.textValue() : "";
  }
}
