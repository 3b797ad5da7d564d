package io.atoll.client.request;

import io.atoll.client.api.ExecRequest;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Checks requests for sessions beside payloads.
public final class ExecMapping {
  private static final int LONGEST_PATH = 4000;

  private ExecMapping() {}

  /// @throws AtollException BAD_REQUEST
  public static ExecRequest read(byte[] json) {
    JsonFields fields = JsonFields.read(json);
    String session = fields.text("session");
    List<String> command = fields.texts("command");
    Map<String, String> env = fields.map("env");
    Integer rows = fields.integer("rows");
    Integer columns = fields.integer("columns");
    String pack = fields.text("pack");
    String unpack = fields.text("unpack");
    fields.done();
    if (session == null || !isSession(session)) {
      throw refused(
          "session: " + Shown.quoted(String.valueOf(session)) + " cannot be used",
          "choose 8 to 40 small letters and digits at random");
    }
    if (Stream.of(command, pack, unpack).filter(Objects::nonNull).count() != 1) {
      throw refused(
          "command, pack, unpack: it takes one of them",
          "name a program and its arguments, or a path to copy from or to");
    }
    if (command != null && (command.isEmpty() || command.getFirst().isEmpty())) {
      throw refused("command: empty", "name a program and its arguments");
    }
    checkPath("pack", pack);
    checkPath("unpack", unpack);
    if (command == null && (env != null || rows != null || columns != null)) {
      throw refused(
          "env, rows, columns: files have no variables and no terminal", "leave them out");
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
    return new ExecRequest(session, command, env, rows, columns, pack, unpack);
  }

  private static void checkPath(String field, @Nullable String path) {
    if (path != null && (path.isEmpty() || path.indexOf('\0') >= 0 || bytes(path) > LONGEST_PATH)) {
      throw refused(
          field + ": " + Shown.quoted(path) + " is no path",
          "it has 1 to " + LONGEST_PATH + " bytes, none of them zero");
    }
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  /// One that nobody else chooses.
  public static String newSession() {
    byte[] random = new byte[16];
    new SecureRandom().nextBytes(random);
    return HexFormat.of().formatHex(random);
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
