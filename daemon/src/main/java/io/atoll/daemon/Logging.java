package io.atoll.daemon;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.LayoutBase;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import io.atoll.core.json.Json;
import java.io.Console;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// What the daemon logs: to stderr; for people on a terminal, as JSON lines otherwise. Found by
/// logback as a service, so that no configuration file is read at start.
public final class Logging extends ContextAwareBase implements Configurator {
  @Override
  public ExecutionStatus configure(LoggerContext context) {
    Encoder<ILoggingEvent> encoder = terminal() ? forPeople(context) : forPrograms(context);
    ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
    appender.setContext(context);
    appender.setName("stderr");
    appender.setTarget("System.err");
    appender.setEncoder(encoder);
    appender.start();
    Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.WARN);
    root.addAppender(appender);
    // It tells of every request at the levels below.
    context.getLogger("com.github.dockerjava").setLevel(Level.WARN);
    // Warns, with a stack trace, of whatever half of a request a stranger sends.
    context.getLogger("io.helidon.webserver").setLevel(Level.ERROR);
    context
        .getLogger("io.atoll")
        .setLevel(Level.toLevel(System.getenv().getOrDefault("ATOLL_LOG", "info")));
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  @SuppressWarnings("SystemConsoleNull") // the other checker says that it may be null
  private static boolean terminal() {
    String format = System.getenv().getOrDefault("ATOLL_LOG_FORMAT", "").toLowerCase(Locale.ROOT);
    return switch (format) {
      case "text" -> true;
      case "json" -> false;
      default -> {
        Console console = System.console();
        yield console != null && console.isTerminal();
      }
    };
  }

  private static Encoder<ILoggingEvent> forPeople(LoggerContext context) {
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern("%d{HH:mm:ss.SSS} %-5level %logger{0}: %msg%n%ex");
    encoder.start();
    return encoder;
  }

  private static Encoder<ILoggingEvent> forPrograms(LoggerContext context) {
    LayoutWrappingEncoder<ILoggingEvent> encoder = new LayoutWrappingEncoder<>();
    encoder.setContext(context);
    JsonLine layout = new JsonLine();
    layout.setContext(context);
    layout.start();
    encoder.setLayout(layout);
    encoder.start();
    return encoder;
  }

  /// One event as one line of JSON: time (RFC 3339, UTC, milliseconds), level, logger, message, and
  /// the stack trace of an error if there is one.
  private static final class JsonLine extends LayoutBase<ILoggingEvent> {
    @Override
    public String doLayout(ILoggingEvent event) {
      Map<String, String> fields = new TreeMap<>();
      fields.put("time", event.getInstant().truncatedTo(ChronoUnit.MILLIS).toString());
      fields.put("level", event.getLevel().toString());
      fields.put("logger", event.getLoggerName());
      fields.put("message", event.getFormattedMessage());
      if (event.getThrowableProxy() != null) {
        fields.put("error", ThrowableProxyUtil.asString(event.getThrowableProxy()));
      }
      return Json.write(fields) + "\n";
    }
  }
}
