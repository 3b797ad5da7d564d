package io.atoll.runtime.card;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.atoll.runtime.driver.NetworkCard;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/// The payload's `/etc/hosts`: itself. Everybody else is for the name server to know. The payload
/// has this very file bound, so it is written where it is, and never replaced.
public final class HostsFile {
  public static final String NAME = "hosts";
  private static final String EVERYBODY = "rw-r--r--";

  private HostsFile() {}

  /// What is in it.
  public static String text(List<NetworkCard> cards) {
    StringBuilder text = new StringBuilder("127.0.0.1 localhost\n::1 localhost\n");
    cards.forEach(card -> text.append(lines(card)));
    return text.toString();
  }

  /// Writes it anew, readable for every user of the payload's.
  public static void write(Path file, List<NetworkCard> cards) throws IOException {
    Files.writeString(file, text(cards));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(EVERYBODY));
  }

  /// Puts the card's addresses in the place of those that its name has.
  public static void readdress(Path file, NetworkCard card) throws IOException {
    String before =
        Files.readAllLines(file).stream()
            .filter(line -> !line.endsWith(names(card)))
            .reduce("", (all, line) -> all + line + "\n");
    ByteBuffer text = UTF_8.encode(before + lines(card));
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      long size = text.remaining();
      while (text.hasRemaining()) {
        channel.write(text, text.position());
      }
      channel.truncate(size); // behind the writing: whoever reads meanwhile finds words
    }
  }

  private static String lines(NetworkCard card) {
    return card.v4() + names(card) + "\n" + card.v6() + names(card) + "\n";
  }

  private static String names(NetworkCard card) {
    return " " + card.name() + "." + card.domain() + " " + card.name();
  }
}
