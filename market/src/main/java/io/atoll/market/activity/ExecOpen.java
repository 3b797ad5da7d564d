package io.atoll.market.activity;

import io.atoll.core.exec.TerminalSize;
import io.atoll.core.json.Json;
import io.atoll.core.term.RunId;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// First message on a stream of `ActivityProtocol.EXEC`: u32 length, then JSON. The node answers
/// with
/// one frame of `io.atoll.core.exec`, `ready` or `failed`; after `ready` to one without `begin` the
/// conversation follows, which the node passes on as it is.
///
/// @param session the id that its caller chose
/// @param begin null: connect to a session that was begun
public record ExecOpen(RunId run, String session, @Nullable Begin begin) {
  private static final int MOST = 1 << 20;

  /// One of a command, `pack` and `unpack`. A node that knows none of what it finds refuses it.
  ///
  /// @param command empty where there is none
  /// @param terminal null: three pipes
  /// @param pack path of what comes out as a tar; not known to the first nodes with commands
  /// @param unpack where a tar goes in; as `pack`
  public record Begin(
      List<String> command,
      Map<String, String> env,
      @Nullable TerminalSize terminal,
      @Nullable String pack,
      @Nullable String unpack) {
    public Begin {
      command = List.copyOf(command);
      env = Map.copyOf(env);
    }
  }

  public ExecOpen {
    Objects.requireNonNull(run, "run");
    Objects.requireNonNull(session, "session");
  }

  public void write(DataOutputStream out) throws IOException {
    byte[] json = Json.bytes(this);
    out.writeInt(json.length);
    out.write(json);
    out.flush();
  }

  public static ExecOpen read(DataInputStream in) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > MOST) {
      throw new IOException("a request of " + length + " bytes");
    }
    byte[] json = new byte[length];
    in.readFully(json);
    try {
      return Json.read(json, ExecOpen.class);
    } catch (RuntimeException e) {
      throw new IOException("malformed request for a command", e);
    }
  }
}
