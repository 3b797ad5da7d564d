package io.atoll.runtime.plugin;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.core.term.RunId;
import java.io.IOException;

/// Fields of foreign JSON, each with its bounds.
final class PluginField {
  /// What every language's JSON carries without loss.
  static final long MOST = 1L << 53;

  private PluginField() {}

  static JsonNode object(JsonNode in, String name) throws IOException {
    JsonNode field = in.get(name);
    if (field == null || !field.isObject()) {
      throw new IOException("no object '" + name + "'");
    }
    return field;
  }

  static long number(JsonNode in, String name, long least, long most) throws IOException {
    JsonNode field = in.get(name);
    if (field == null || !field.isIntegralNumber() || !field.canConvertToLong()) {
      throw new IOException("no whole number '" + name + "'");
    }
    long number = field.longValue();
    if (number < least || number > most) {
      throw new IOException("'" + name + "' is not within " + least + " and " + most);
    }
    return number;
  }

  /// A text for people and programs: cut where it is too long, and nothing in it steers a terminal.
  static String text(JsonNode in, String name, int longest) throws IOException {
    JsonNode field = in.get(name);
    if (field == null || !field.isTextual()) {
      throw new IOException("no text '" + name + "'");
    }
    return clean(field.textValue(), longest);
  }

  static String clean(String text, int longest) {
    StringBuilder clean = new StringBuilder();
    text.codePoints()
        .limit(longest)
        .map(
            c ->
                switch (Character.getType(c)) {
                  case Character.CONTROL, Character.FORMAT, Character.SURROGATE -> ' ';
                  default -> c;
                })
        .forEach(clean::appendCodePoint);
    return clean.toString();
  }

  static RunId run(JsonNode in) throws IOException {
    String text = text(in, "run", 64);
    try {
      return RunId.parse(text);
    } catch (IllegalArgumentException e) {
      throw new IOException("no run '" + text + "'", e);
    }
  }
}
