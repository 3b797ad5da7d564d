package io.atoll.client.request;

import io.atoll.client.api.TaskRequest;
import io.atoll.client.api.TaskSpec;
import io.atoll.client.api.TaskSpec.OnDisconnect;
import io.atoll.client.api.TaskSpec.Restart;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.ByteSize;
import io.atoll.core.term.Port;
import io.atoll.core.term.Resources;
import io.atoll.core.term.TaskId;
import io.atoll.core.term.Workload;
import io.atoll.core.term.Workload.Isolation;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The one place that turns a request for a task into a `TaskSpec`: defaults, and checks whose
/// messages name the field and the remedy. Pure; whether a node can take it is the hub's to say.
public final class TaskMapping {
  /// The driver of whole virtual machines.
  static final String MACHINE = "vm";

  /// Those of Atoll itself; a node may have others, which its owner named.
  public static final List<String> DRIVERS = List.of("process", "docker", "microvm", MACHINE);

  /// Half a core: what a task may use at most is kept for it, so this is also how many fit.
  public static final long DEFAULT_CPU_MILLIS = 500;

  public static final long DEFAULT_MEMORY = 256L << 20;

  /// A machine boots a whole distribution first.
  public static final long MACHINE_CPU_MILLIS = 1000;

  public static final long MACHINE_MEMORY = 512L << 20;
  public static final int DEFAULT_PRIORITY = 50;
  public static final int DEFAULT_MAX_PROCESSES = 1024;
  public static final int DEFAULT_FAULT_ATTEMPTS = 3;
  public static final Duration DEFAULT_GRACE = Duration.ofSeconds(10);

  /// It ends all of its services first.
  public static final Duration MACHINE_GRACE = Duration.ofSeconds(60);

  private static final int ON_FAILURE_ATTEMPTS = 3;
  private static final long LEAST_MEMORY = 6L << 20;
  private static final long LEAST_MACHINE_MEMORY = 192L << 20;

  /// Far above any machine, far below what sums of would overflow.
  private static final long MOST_BYTES = 1L << 50;

  private static final long MOST_CPU_MILLIS = 1_000_000;

  /// Linux takes no longer argument (MAX_ARG_STRLEN, with its closing NUL).
  private static final int MOST_ARGUMENT = (128 << 10) - 1;

  private static final String NAME_REMEDY =
      "use up to 63 small letters, digits and hyphens, beginning with a letter or digit, such as web-1";

  private TaskMapping() {}

  /// Reads the JSON form.
  ///
  /// @throws AtollException BAD_REQUEST for what is not JSON, an unknown field or one of the
  ///     wrong kind
  public static TaskRequest read(byte[] json) {
    JsonFields fields = JsonFields.read(json);
    TaskRequest request =
        new TaskRequest(
            fields.text("name"),
            fields.text("driver"),
            fields.text("image"),
            fields.texts("command"),
            fields.map("env"),
            fields.quantity("cpus"),
            fields.quantity("memory"),
            fields.quantity("disk"),
            fields.integer("priority"),
            fields.text("node"),
            fields.quantities("ports"),
            fields.flag("publishAll"),
            fields.text("restart"),
            fields.integer("faultAttempts"),
            fields.text("onDisconnect"),
            fields.quantity("timeLimit"),
            fields.quantity("grace"),
            fields.integer("maxProcesses"),
            fields.flag("unsandboxed"),
            fields.text("hostname"),
            fields.texts("sshKeys"),
            fields.text("userData"),
            SeatMapping.read(fields));
    fields.done();
    return request;
  }

  /// @throws AtollException BAD_REQUEST or UNKNOWN_DRIVER
  public static TaskSpec spec(TaskRequest request) {
    Workload workload = workload(request);
    return new TaskSpec(
        name(request.name()),
        workload,
        within("priority", request.priority(), DEFAULT_PRIORITY, 1, 100),
        request.node() == null
            ? null
            : word(
                "node",
                request.node(),
                128,
                "a peer id or the name of a node; `atoll node list` shows both"),
        restart(request),
        onDisconnect(request.onDisconnect()),
        seconds("timeLimit", request.timeLimit(), Duration.ZERO),
        seconds(
            "grace",
            request.grace(),
            workload.driver().equals(MACHINE) ? MACHINE_GRACE : DEFAULT_GRACE),
        SeatMapping.seats(request));
  }

  private static Workload workload(TaskRequest request) {
    String image = request.image();
    if (image != null) {
      word("image", image, 512, "a reference such as debian:12 or registry:5000/name@sha256:…");
    }
    String driver = driver(request.driver(), image != null);
    List<String> command = command(request.command());
    List<Port> ports = ports(request.ports());
    boolean publishAll = Boolean.TRUE.equals(request.publishAll());
    boolean bare = Boolean.TRUE.equals(request.unsandboxed());
    boolean machine = driver.equals(MACHINE);
    if (!DRIVERS.contains(driver)) {
      if (image == null && command.isEmpty()) {
        throw refused("command: nothing to run", "name a program or an image");
      }
    } else if (!driver.equals("process")) {
      if (image == null) {
        throw refused(
            "image: the " + driver + " driver needs an image",
            machine
                ? "name one, such as debian-12, made by `atoll image build debian-12`"
                : "name one, such as debian:12");
      }
      if (bare) {
        throw refused(
            "unsandboxed: a "
                + switch (driver) {
                  case "docker" -> "container";
                  case "microvm" -> "microVM";
                  default -> "virtual machine";
                }
                + " cannot leave its sandbox",
            "leave unsandboxed out, or use driver process");
      }
      if (driver.equals("microvm") && (publishAll || !ports.isEmpty())) {
        throw refused(
            (publishAll ? "publishAll" : "ports") + ": a microVM has no network yet",
            "use driver docker to publish ports");
      }
      if (machine && publishAll) {
        throw refused(
            "publishAll: a disk image does not say which ports it serves",
            "name the ports to publish; 22/tcp always is");
      }
    } else {
      if (image != null && bare) {
        throw refused(
            "unsandboxed: the program of an image runs in the sandbox only",
            "leave unsandboxed out, or the image");
      }
      if (command.isEmpty() && image == null) {
        throw refused(
            "command: nothing to run",
            "name a program, such as [\"/bin/echo\", \"hello\"], or an image");
      }
      if (!ports.isEmpty() || publishAll) {
        throw refused(
            (publishAll ? "publishAll" : "ports")
                + ": driver "
                + driver
                + " cannot publish ports yet",
            "use driver docker with an image to publish ports");
      }
    }
    return new Workload(
        driver,
        image,
        command,
        env(request.env()),
        new Resources(
            cpuMillis(request.cpus(), machine ? MACHINE_CPU_MILLIS : DEFAULT_CPU_MILLIS),
            machine
                ? bytes("memory", request.memory(), MACHINE_MEMORY, LEAST_MACHINE_MEMORY)
                : bytes("memory", request.memory(), DEFAULT_MEMORY, LEAST_MEMORY),
            bytes("disk", request.disk(), 0, 0)),
        within("maxProcesses", request.maxProcesses(), DEFAULT_MAX_PROCESSES, 1, 1_000_000),
        ports,
        publishAll,
        bare ? Isolation.BARE : Isolation.SANDBOX,
        GuestMapping.guest(request, driver));
  }

  private static @Nullable String name(@Nullable String name) {
    if (name == null) {
      return null;
    }
    boolean fits = !name.isEmpty() && name.length() <= 63 && name.charAt(0) != '-';
    for (int i = 0; i < name.length() && fits; i++) {
      char c = name.charAt(i);
      fits = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    }
    if (!fits) {
      throw refused("name: " + Shown.quoted(name) + " is not a task name", NAME_REMEDY);
    }
    if (TaskId.isId(name)) {
      throw refused(
          "name: " + Shown.quoted(name) + " has the form of a task id", "choose another name");
    }
    return name;
  }

  private static String driver(@Nullable String driver, boolean image) {
    if (driver == null) {
      return image ? "docker" : "process";
    }
    if (!DRIVERS.contains(driver) && !isRuntime(driver)) {
      throw unknown(driver, List.of());
    }
    return driver;
  }

  /// Whether a runtime that is no part of Atoll may be called so.
  private static boolean isRuntime(String name) {
    boolean fits = !name.isEmpty() && name.length() <= 31;
    for (int i = 0; i < name.length() && fits; i++) {
      char c = name.charAt(i);
      fits = (c >= 'a' && c <= 'z') || (i > 0 && ((c >= '0' && c <= '9') || c == '-'));
    }
    return fits;
  }

  /// A task asks for a driver that nobody has.
  ///
  /// @param offered what nodes have
  public static AtollException unknown(String driver, Collection<String> offered) {
    TreeSet<String> all = new TreeSet<>(DRIVERS);
    all.addAll(offered);
    return new AtollException(
        ErrorCode.UNKNOWN_DRIVER,
        "driver: there is no driver " + Shown.quoted(driver),
        Nearest.hint(driver, all)
            + "the drivers are "
            + String.join(", ", all)
            + ", and the runtimes that a node's owner names with --runtime");
  }

  private static List<String> command(@Nullable List<String> command) {
    if (command == null || command.isEmpty()) {
      return List.of();
    }
    if (command.getFirst().isBlank()) {
      throw refused("command[0]: the program's name is empty", "name a program, such as /bin/echo");
    }
    if (command.size() > 4096) {
      throw refused("command: " + command.size() + " arguments are too many", "pass at most 4096");
    }
    for (int i = 0; i < command.size(); i++) {
      payloadText("command[" + i + "]", command.get(i));
    }
    return command;
  }

  private static Map<String, String> env(@Nullable Map<String, String> env) {
    if (env == null) {
      return Map.of();
    }
    for (Map.Entry<String, String> variable : env.entrySet()) {
      String name = variable.getKey();
      if (name.isEmpty()
          || name.indexOf('=') >= 0
          || name.chars().anyMatch(c -> c <= ' ' || Shown.hidden(c))) {
        throw refused(
            "env: " + Shown.quoted(name) + " is not a variable's name",
            "use letters, digits and underscores, as in K=V");
      }
      payloadText("env." + Shown.plain(name, 40), variable.getValue());
    }
    return env;
  }

  /// What the payload gets as a C string.
  private static void payloadText(String field, String value) {
    if (value.indexOf(0) >= 0) {
      throw refused(field + ": holds a NUL character", "no program can be given one; take it out");
    }
    if (value.getBytes(StandardCharsets.UTF_8).length > MOST_ARGUMENT) {
      throw refused(
          field + ": longer than 128 KiB, the most that Linux takes",
          "pass it by a file or standard input");
    }
    for (int i = 0; i < value.length(); i++) {
      if (Character.isSurrogate(value.charAt(i))) {
        if (Character.getType(value.codePointAt(i)) == Character.SURROGATE) {
          throw refused(field + ": holds half of a surrogate pair", "send valid Unicode");
        }
        i++;
      }
    }
  }

  private static List<Port> ports(@Nullable List<String> texts) {
    if (texts == null) {
      return List.of();
    }
    if (texts.size() > 256) {
      throw refused("ports: " + texts.size() + " are too many", "publish at most 256");
    }
    List<Port> ports = new ArrayList<>();
    for (String text : texts) {
      Port port =
          parsed(
              "ports",
              text,
              Port::parse,
              "write 80, 80/tcp or 53/udp; the host's port is chosen by the node");
      if (!ports.contains(port)) {
        ports.add(port);
      }
    }
    return ports;
  }

  static long cpuMillis(@Nullable String cpus, long absent) {
    if (cpus == null) {
      return absent;
    }
    String remedy = "write cores, such as 0.5 or 2; the least is 0.01, the most 1000";
    if (cpus.length() > 32) {
      throw refused("cpus: " + Shown.quoted(cpus) + " is out of range", remedy);
    }
    BigDecimal cores = parsed("cpus", cpus.strip(), BigDecimal::new, remedy);
    if (cores.compareTo(new BigDecimal("0.01")) < 0
        || cores.compareTo(BigDecimal.valueOf(MOST_CPU_MILLIS / 1000)) > 0) {
      throw refused("cpus: " + Shown.quoted(cpus) + " is out of range", remedy);
    }
    return cores.movePointRight(3).setScale(0, RoundingMode.CEILING).longValueExact();
  }

  static long bytes(String field, @Nullable String text, long absent, long least) {
    if (text == null) {
      return absent;
    }
    String remedy = "write bytes or a unit, such as 512M or 4Gi";
    long bytes = parsed(field, text, ByteSize::parse, remedy);
    if (bytes < least || bytes > MOST_BYTES) {
      throw refused(
          field + ": " + Shown.quoted(text) + " is out of range",
          "the least is "
              + ByteSize.format(least)
              + ", the most "
              + ByteSize.format(MOST_BYTES)
              + "; "
              + remedy);
    }
    return bytes;
  }

  private static Restart restart(TaskRequest request) {
    int faults = within("faultAttempts", request.faultAttempts(), DEFAULT_FAULT_ATTEMPTS, 0, 1000);
    String text =
        request.restart() == null ? "never" : request.restart().strip().toLowerCase(Locale.ROOT);
    int colon = text.indexOf(':');
    String policy = colon < 0 ? text : text.substring(0, colon);
    String remedy =
        "write never, on-failure, on-failure:N, always or always:N (N failed runs at most, 0 = no bound)";
    Integer attempts =
        colon < 0 ? null : parsed("restart", text.substring(colon + 1), Integer::valueOf, remedy);
    if (attempts != null && (attempts < 0 || attempts > 1_000_000 || policy.equals("never"))) {
      throw refused("restart: " + Shown.quoted(text) + " is not a restart policy", remedy);
    }
    return switch (policy) {
      case "never" -> new Restart(Restart.Policy.NEVER, 0, faults);
      case "on-failure" ->
          new Restart(
              Restart.Policy.ON_FAILURE, attempts == null ? ON_FAILURE_ATTEMPTS : attempts, faults);
      case "always" -> new Restart(Restart.Policy.ALWAYS, attempts == null ? 0 : attempts, faults);
      default ->
          throw refused("restart: " + Shown.quoted(text) + " is not a restart policy", remedy);
    };
  }

  private static OnDisconnect onDisconnect(@Nullable String text) {
    return switch (text == null ? "keep" : text.strip().toLowerCase(Locale.ROOT)) {
      case "keep" -> OnDisconnect.KEEP;
      case "stop" -> OnDisconnect.STOP;
      case "replace" -> OnDisconnect.REPLACE;
      default ->
          throw refused(
              "onDisconnect: " + Shown.quoted(String.valueOf(text)) + " is not known",
              "write keep (wait for the node), stop (give up) or replace (run elsewhere)");
    };
  }

  private static long seconds(String field, @Nullable String text, Duration absent) {
    if (text == null) {
      return absent.toSeconds();
    }
    Duration span =
        parsed(field, text, TimeSpan::parse, "write seconds or units, such as 90s or 2h30m");
    // Part of a second is rounded up: a limit that was asked for is never "none".
    return span.plusNanos(999_999_999).toSeconds();
  }

  private static int within(
      String field, @Nullable Integer value, int absent, int least, int most) {
    if (value == null) {
      return absent;
    }
    if (value < least || value > most) {
      throw refused(
          field + ": " + value + " is out of range",
          "write a whole number from " + least + " to " + most);
    }
    return value;
  }

  private static String word(String field, String text, int most, String what) {
    if (text.isEmpty()
        || text.length() > most
        || text.codePoints().anyMatch(c -> Character.isWhitespace(c) || Shown.hidden(c))) {
      throw refused(field + ": " + Shown.quoted(text) + " cannot be used", "write " + what);
    }
    return text;
  }

  private static <T> T parsed(
      String field, String text, Function<String, T> parser, String remedy) {
    try {
      return parser.apply(text);
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new AtollException(
          ErrorCode.BAD_REQUEST, field + ": " + Shown.quoted(text) + " cannot be read", remedy, e);
    }
  }

  static AtollException refused(String message, String hint) {
    return new AtollException(ErrorCode.BAD_REQUEST, message, hint);
  }
}
