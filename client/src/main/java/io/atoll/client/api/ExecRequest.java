package io.atoll.client.api;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A session beside a task's payload. It has one of `command`, `pack` and `unpack`.
///
/// @param session chosen by the caller: 8 to 40 small letters and digits; a repeat begins nothing
/// @param env on top of the payload's own
/// @param rows of a terminal; with `columns`, or neither: three pipes
/// @param pack path of a file or folder that comes out as a tar
/// @param unpack where a tar goes in
public record ExecRequest(
    String session,
    @Nullable List<String> command,
    @Nullable Map<String, String> env,
    @Nullable Integer rows,
    @Nullable Integer columns,
    @Nullable String pack,
    @Nullable String unpack) {
  public static ExecRequest pack(String session, String path) {
    return new ExecRequest(session, null, null, null, null, path, null);
  }

  public static ExecRequest unpack(String session, String target) {
    return new ExecRequest(session, null, null, null, null, null, target);
  }
}
