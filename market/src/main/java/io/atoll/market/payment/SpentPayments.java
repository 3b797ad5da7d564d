package io.atoll.market.payment;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.PeerId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;

/// Which payments were spent on what, on disk before anybody is let in. A file of lines,
/// `+ PAYMENT PAYER PURPOSE` and `- PAYMENT`; a last line that is not whole was never spent.
public final class SpentPayments implements AutoCloseable {
  enum Spent {
    JUST_NOW,
    ON_THE_SAME,
    ELSEWHERE
  }

  private static final String WORD = "[!-~]{1,512}";

  private final Path file;
  private final FileChannel channel;
  private final Map<String, String> spent; // by payment, payer and purpose; guarded by this

  private SpentPayments(Path file, FileChannel channel, Map<String, String> spent) {
    this.file = file;
    this.channel = channel;
    this.spent = spent;
  }

  public static SpentPayments open(Path file) throws IOException {
    Map<String, String> spent = new HashMap<>();
    long whole = 0;
    if (Files.exists(file)) {
      String text = Files.readString(file, StandardCharsets.ISO_8859_1);
      whole = text.lastIndexOf('\n') + 1L;
      text.substring(0, (int) whole).lines().forEach(line -> read(line, spent));
    }
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      channel.truncate(whole);
      channel.position(whole);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    return new SpentPayments(file, channel, spent);
  }

  private static void read(String line, Map<String, String> spent) {
    String[] words = line.split(" ");
    if (words.length == 4 && words[0].equals("+")) {
      spent.put(words[1], words[2] + " " + words[3]);
    } else if (words.length == 2 && words[0].equals("-")) {
      spent.remove(words[1]);
    }
  }

  /// Spends a payment, unless it was spent before.
  ///
  /// @throws IllegalArgumentException if payment or purpose is not one word
  synchronized Spent spend(String payment, PeerId payer, String purpose) {
    if (!payment.matches(WORD) || !purpose.matches(WORD)) {
      throw new IllegalArgumentException("a payment and its purpose are words without blanks");
    }
    String use = payer.text() + " " + purpose;
    String before = spent.get(payment);
    if (before == null) {
      append("+ " + payment + " " + use);
      spent.put(payment, use);
    }
    return before == null
        ? Spent.JUST_NOW
        : before.equals(use) ? Spent.ON_THE_SAME : Spent.ELSEWHERE;
  }

  synchronized void giveBack(String payment) {
    if (spent.containsKey(payment)) {
      append("- " + payment);
      spent.remove(payment);
    }
  }

  private void append(String line) {
    try {
      long before = channel.position();
      ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.ISO_8859_1));
      try {
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        channel.force(false);
      } catch (IOException e) {
        channel.truncate(before);
        throw e;
      }
    } catch (IOException e) {
      throw new AtollException(
          ErrorCode.DISK_FULL,
          "could not write down a payment in " + file + ": " + e.getMessage(),
          "make room there; the payment is not spent",
          e);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
