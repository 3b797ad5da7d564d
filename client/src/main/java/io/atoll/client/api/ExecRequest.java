package io.atoll.client.api;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A command to run beside a task's payload.
///
/// @param session chosen by the caller: 8 to 40 small letters and digits; a repeat begins nothing
/// @param env on top of the payload's own
/// @param rows of a terminal; with `columns`, or neither: three pipes
public record ExecRequest(
    String session,
    List<String> command,
    @Nullable Map<String, String> env,
    @Nullable Integer rows,
    @Nullable Integer columns) {}
