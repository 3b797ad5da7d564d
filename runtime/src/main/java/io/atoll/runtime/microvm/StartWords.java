package io.atoll.runtime.microvm;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.Workload;
import io.atoll.runtime.card.CardText;
import io.atoll.runtime.card.HostsFile;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.NetworkCard;
import io.atoll.runtime.guest.GuestCards;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What the agent is told about the payload; the package's doc lists the keys.
final class StartWords {
  private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  /// What the agent takes.
  private static final int LONGEST = 2 << 20;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  private StartWords() {}

  /// As for containers: the image's entrypoint stays, the task's command replaces its command.
  ///
  /// @param cards as they are now, which may be others than the task began with
  static byte[] of(ActivitySpec spec, MicrovmImage image, GuestCards cards) throws DriverException {
    Workload workload = spec.workload();
    List<String> command = new ArrayList<>(image.entrypoint());
    command.addAll(workload.command().isEmpty() ? image.command() : workload.command());
    if (command.isEmpty() || command.getFirst().isEmpty()) {
      throw refused("neither the task nor its image says what to run", "add a command");
    }
    Map<String, String> env = new LinkedHashMap<>();
    env.put("PATH", PATH);
    env.putAll(image.env());
    env.putAll(workload.env());
    StartWords words = new StartWords();
    for (String word : command) {
      words.word("arg", word);
    }
    for (var variable : env.entrySet()) {
      if (variable.getKey().isEmpty() || variable.getKey().indexOf('=') >= 0) {
        throw refused("'" + variable.getKey() + "' is no name of a variable", "write NAME=VALUE");
      }
      words.word("env", variable.getKey() + "=" + variable.getValue());
    }
    words.word("work", image.workdir().isEmpty() ? "/" : image.workdir());
    words.word("user", image.user());
    words.word(
        "host",
        hostname(cards.count() > 0 ? cards.cards().getFirst().name() : spec.id().toString()));
    words.cards(cards);
    words.word("memory", workload.resources().memory());
    words.word("processes", workload.maxProcesses());
    if (workload.resources().disk() > 0) {
      words.word("disk", workload.resources().disk());
    }
    words.word("end", "");
    if (words.bytes.size() > LONGEST) {
      throw refused(
          "command and variables are longer than " + LONGEST + " bytes", "put them into a file");
    }
    return words.bytes.toByteArray();
  }

  private void cards(GuestCards cards) throws DriverException {
    for (NetworkCard card : cards.cards()) {
      word("card", CardText.word(card));
      word("mac", card.mac());
    }
    if (cards.count() > 0) {
      word("resolver", CardText.resolver(cards.cards()));
      word("hosts", HostsFile.text(cards.cards()));
    }
  }

  private static String hostname(String id) {
    String name = id.replaceAll("[^a-zA-Z0-9-]", "-");
    return name.length() > 63 ? name.substring(0, 63) : name;
  }

  private void word(String key, Object value) throws DriverException {
    String text = String.valueOf(value);
    if (text.indexOf('\0') >= 0) {
      throw refused("an argument or a variable contains a zero byte", "leave it out");
    }
    bytes.writeBytes((key + "=" + text).getBytes(UTF_8));
    bytes.write(0);
  }

  private static DriverException refused(String message, String hint) {
    return new DriverException(ErrorCode.BAD_REQUEST, message, hint);
  }
}
