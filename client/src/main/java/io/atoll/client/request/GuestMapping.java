package io.atoll.client.request;

import static io.atoll.client.request.TaskMapping.refused;

import io.atoll.client.api.TaskRequest;
import io.atoll.core.term.Guest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// Who a virtual machine is to be: what a request says of it, checked. Other drivers' tasks have no
/// machine to tell, and are refused rather than run by halves.
final class GuestMapping {
  private static final int MOST_KEYS = 64;
  private static final int LONGEST_KEY = 16 << 10;
  private static final int MOST_DATA = 64 << 10;
  private static final List<String> KINDS = List.of("ssh-", "ecdsa-", "sk-ssh-", "sk-ecdsa-");

  private GuestMapping() {}

  static Guest guest(TaskRequest request, String driver) {
    String hostname = Objects.requireNonNullElse(request.hostname(), "");
    String data = Objects.requireNonNullElse(request.userData(), "");
    List<String> keys = request.sshKeys() == null ? List.of() : request.sshKeys();
    if (!driver.equals(TaskMapping.MACHINE)) {
      String said =
          !hostname.isEmpty()
              ? "hostname"
              : !keys.isEmpty() ? "sshKeys" : !data.isEmpty() ? "userData" : "";
      if (!said.isEmpty()) {
        throw refused(
            said + ": driver " + driver + " has no virtual machine that could be told",
            "use driver vm, or leave " + said + " out");
      }
      return Guest.NONE;
    }
    return new Guest(hostname(hostname), keys(keys), data(data));
  }

  private static String hostname(String text) {
    if (!text.isEmpty() && !isHostname(text)) {
      throw refused(
          "hostname: " + Shown.quoted(text) + " is not a name of a machine",
          "use up to 63 small letters, digits and hyphens, no hyphen at either end");
    }
    return text;
  }

  private static boolean isHostname(String text) {
    return text.length() <= 63
        && text.charAt(0) != '-'
        && text.charAt(text.length() - 1) != '-'
        && text.chars().allMatch(c -> (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-');
  }

  /// A kind and a key in base64; whether they go together is for those to see who use it.
  private static boolean isKey(String line) {
    int kind = line.indexOf(' ');
    if (kind < 0 || KINDS.stream().noneMatch(line::startsWith)) {
      return false;
    }
    String rest = line.substring(kind).strip();
    int end = rest.indexOf(' ');
    String key = end < 0 ? rest : rest.substring(0, end);
    return !key.isEmpty() && key.chars().allMatch(GuestMapping::isBase64);
  }

  private static boolean isBase64(int c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '+'
        || c == '/'
        || c == '=';
  }

  private static List<String> keys(List<String> texts) {
    if (texts.size() > MOST_KEYS) {
      throw refused("sshKeys: " + texts.size() + " are too many", "give at most " + MOST_KEYS);
    }
    List<String> keys = new ArrayList<>();
    for (String text : texts) {
      String key = text.strip();
      if (key.length() > LONGEST_KEY || key.codePoints().anyMatch(Shown::hidden) || !isKey(key)) {
        throw refused(
            "sshKeys: " + Shown.quoted(key) + " is not a public key of SSH",
            "give lines of a file ending in .pub, without options in front");
      }
      keys.add(key);
    }
    return keys;
  }

  private static String data(String text) {
    if (text.getBytes(StandardCharsets.UTF_8).length > MOST_DATA) {
      throw refused(
          "userData: longer than 64 KiB, the most that is carried",
          "let it fetch what is large, or put it in the image");
    }
    return text;
  }
}
