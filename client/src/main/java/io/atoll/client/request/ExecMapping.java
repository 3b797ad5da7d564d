package io.atoll.client.request;

import io.atoll.client.api.ExecRequest;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Checks requests for commands beside payloads.
public final class ExecMapping {
  private ExecMapping() {}

  /// @throws AtollException BAD_REQUEST
  public static ExecRequest read(byte[] json) {
    JsonFields fields = JsonFields.read(json);
    String session = fields.text("session");
    List<String> command = fields.texts("command");
    Map<String, String> env = fields.map("env");
    Integer rows = fields.integer("rows");
    Integer columns = fields.integer("columns");
    fields.done();
    if (session == null || !isSession(session)) {
      throw refused(
          "session: " + Shown.quoted(String.valueOf(session)) + " cannot be used",
          "choose 8 to 40 small letters and digits at random");
    }
    if (command == null || command.isEmpty() || command.getFirst().isEmpty()) {
      throw refused("command: missing", "name a program and its arguments");
    }
    if ((rows == null) != (columns == null) || outside(rows) || outside(columns)) {
      throw refused(
          "rows, columns: not the size of a terminal", "send both, 0 to 65535, or neither");
    }
    for (String name : env == null ? List.<String>of() : List.copyOf(env.keySet())) {
      if (name.isEmpty() || name.indexOf('=') >= 0) {
        throw refused(
            "env: " + Shown.quoted(name) + " is not the name of a variable", "leave it out");
      }
    }
    return new ExecRequest(session, command, env, rows, columns);
  }

  public static boolean isSession(String text) {
    return text.length() >= 8
        && text.length() <= 40
        && text.chars().allMatch(c -> (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'));
  }

  private static boolean outside(@Nullable Integer size) {
    return size != null && (size < 0 || size > 0xffff);
  }

  private static AtollException refused(String message, String hint) {
    return new AtollException(ErrorCode.BAD_REQUEST, message, hint);
  }
}
