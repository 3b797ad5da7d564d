package io.atoll.runtime.image.manifest;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.Port;
import io.atoll.runtime.image.content.Digest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// How an image wants to be run, for every driver.
///
/// @param env in the order of the image
/// @param workdir absolute; `/` if the image says none
/// @param user `name`, `uid`, `name:group` or `uid:gid`; empty for root
/// @param exposed ports that it says it listens on
/// @param stopSignal what ends it politely
/// @param diffIds digests of the unpacked layers, lowest first; empty if the image says none
public record ImageConfig(
    Platform platform,
    List<String> entrypoint,
    List<String> cmd,
    Map<String, String> env,
    String workdir,
    String user,
    List<Port> exposed,
    String stopSignal,
    List<Digest> diffIds) {
  public ImageConfig {
    entrypoint = List.copyOf(entrypoint);
    cmd = List.copyOf(cmd);
    env = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(env));
    exposed = List.copyOf(exposed);
    diffIds = List.copyOf(diffIds);
  }

  /// The command to run.
  ///
  /// @param given by the user, in the place of CMD; empty for what the image says
  /// @param what the image, for the message
  /// @throws AtollException BAD_REQUEST if neither the image nor the user names a program
  public List<String> command(List<String> given, String what) {
    List<String> command = new ArrayList<>(entrypoint);
    command.addAll(given.isEmpty() ? cmd : given);
    if (command.isEmpty() || command.getFirst().isEmpty()) {
      throw new AtollException(
          ErrorCode.BAD_REQUEST,
          "the image " + what + " has neither ENTRYPOINT nor CMD, and no command was given",
          "say what to run in it: atoll run --image " + what + " -- PROGRAM");
    }
    return command;
  }

  /// Of a root folder that says nothing of itself.
  public static ImageConfig plain(Platform platform) {
    return new ImageConfig(
        platform, List.of(), List.of(), Map.of(), "/", "", List.of(), "SIGTERM", List.of());
  }

  /// @param what the image, for messages
  public static ImageConfig parse(String what, byte[] bytes) {
    Fields fields = Fields.parse("the configuration of " + what, bytes);
    List<Digest> diffIds = new ArrayList<>();
    Fields rootfs = fields.optional("rootfs");
    if (rootfs != null) {
      for (String id : rootfs.texts("diff_ids")) {
        diffIds.add(
            Digest.find(id).orElseThrow(() -> rootfs.bad("its 'diff_ids' holds no digest")));
      }
    }
    Platform platform = Platform.of(fields);
    Fields run = fields.optional("config");
    if (run == null) {
      ImageConfig plain = plain(platform);
      return new ImageConfig(
          platform,
          List.of(),
          List.of(),
          Map.of(),
          plain.workdir,
          "",
          List.of(),
          plain.stopSignal,
          diffIds);
    }
    return new ImageConfig(
        platform,
        run.texts("Entrypoint"),
        run.texts("Cmd"),
        env(run),
        workdir(run),
        user(run),
        ports(run),
        signal(run),
        diffIds);
  }

  private static Map<String, String> env(Fields run) {
    Map<String, String> env = new LinkedHashMap<>();
    for (String entry : run.texts("Env")) {
      int equals = entry.indexOf('=');
      if (equals == 0) {
        throw run.bad("'Env' has an entry without a name");
      }
      env.put(
          equals < 0 ? entry : entry.substring(0, equals),
          equals < 0 ? "" : entry.substring(equals + 1));
    }
    return env;
  }

  private static String workdir(Fields run) {
    String said = run.text("WorkingDir");
    return said.isEmpty() ? "/" : said.startsWith("/") ? said : "/" + said;
  }

  private static String user(Fields run) {
    String said = run.text("User");
    if (!said.matches("[A-Za-z0-9_.@$-]{0,64}(:[A-Za-z0-9_.@$-]{1,64})?")) {
      throw run.bad("'User' is no user");
    }
    return said;
  }

  private static String signal(Fields run) {
    String said = run.text("StopSignal");
    if (said.isEmpty()) {
      return "SIGTERM";
    }
    if (!said.matches("(SIG)?[A-Z0-9+-]{1,12}")) {
      throw run.bad("'StopSignal' is no signal");
    }
    return said.matches("\\d+") || said.startsWith("SIG") ? said : "SIG" + said;
  }

  /// What is no port that Atoll knows (sctp, say) is passed over.
  private static List<Port> ports(Fields run) {
    List<Port> ports = new ArrayList<>();
    for (String said : run.keys("ExposedPorts")) {
      try {
        ports.add(Port.parse(said));
      } catch (IllegalArgumentException _) {
        // It says nothing that binds.
      }
    }
    ports.sort(Comparator.comparing(Port::toString));
    return ports;
  }
}
