package io.atoll.runtime.image.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.json.Json;
import io.atoll.runtime.image.content.Digest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads fields of a foreign document strictly.
///
/// @param what the document, for messages
record Fields(String what, JsonNode node) {
  private static final int MOST_ITEMS = 4096;

  static Fields parse(String what, byte[] bytes) {
    try {
      JsonNode node = Json.mapper().readTree(bytes);
      if (node == null || !node.isObject()) {
        throw bad(what, "it is no JSON object", null);
      }
      return new Fields(what, node);
    } catch (IOException e) {
      throw bad(what, "it is no JSON", e);
    }
  }

  Fields object(String name) {
    JsonNode field = node.path(name);
    if (!field.isObject()) {
      throw bad(what, "it has no '" + name + "'", null);
    }
    return new Fields(what + "'s " + name, field);
  }

  @Nullable Fields optional(String name) {
    return absent(name) ? null : object(name);
  }

  boolean absent(String name) {
    JsonNode field = node.path(name);
    return field.isMissingNode() || field.isNull();
  }

  List<Fields> objects(String name) {
    List<Fields> all = new ArrayList<>();
    for (JsonNode one : array(name)) {
      if (!one.isObject()) {
        throw bad(what, "'" + name + "' holds what is no object", null);
      }
      all.add(new Fields(what + "'s " + name, one));
    }
    return all;
  }

  /// Empty if the field is absent.
  List<String> texts(String name) {
    List<String> all = new ArrayList<>();
    for (JsonNode one : array(name)) {
      if (!one.isTextual()) {
        throw bad(what, "'" + name + "' holds what is no text", null);
      }
      all.add(plain(name, one.asText()));
    }
    return all;
  }

  private Iterable<JsonNode> array(String name) {
    if (absent(name)) {
      return List.of();
    }
    JsonNode field = node.path(name);
    if (!field.isArray() || field.size() > MOST_ITEMS) {
      throw bad(what, "'" + name + "' is no list, or has more than " + MOST_ITEMS, null);
    }
    return field;
  }

  /// Names of an object's fields; empty if it is absent.
  List<String> keys(String name) {
    List<String> keys = new ArrayList<>();
    if (!absent(name)) {
      JsonNode field = node.path(name);
      if (!field.isObject() || field.size() > MOST_ITEMS) {
        throw bad(what, "'" + name + "' is no object, or has more than " + MOST_ITEMS, null);
      }
      field.fieldNames().forEachRemaining(key -> keys.add(plain(name, key)));
    }
    return keys;
  }

  /// Texts by name; what is no text is passed over, since anybody may annotate.
  Map<String, String> annotations() {
    Map<String, String> all = new LinkedHashMap<>();
    JsonNode field = node.path("annotations");
    if (field.isObject() && field.size() <= MOST_ITEMS) {
      field
          .properties()
          .forEach(
              entry -> {
                if (entry.getValue().isTextual()) {
                  all.put(entry.getKey(), entry.getValue().asText());
                }
              });
    }
    return all;
  }

  /// Empty if the field is absent.
  String text(String name) {
    if (absent(name)) {
      return "";
    }
    if (!node.path(name).isTextual()) {
      throw bad(what, "'" + name + "' is no text", null);
    }
    return plain(name, node.path(name).asText());
  }

  private String plain(String name, String text) {
    if (text.indexOf('\0') >= 0) {
      throw bad(what, "'" + name + "' holds a zero byte", null);
    }
    return text;
  }

  Digest digest(String name) {
    return Digest.find(text(name))
        .filter(digest -> digest.algorithm() == Digest.Algorithm.SHA256)
        .orElseThrow(() -> bad(what, "its '" + name + "' is no sha256 digest", null));
  }

  long size(String name) {
    JsonNode field = node.path(name);
    if (!field.isIntegralNumber() || !field.canConvertToLong() || field.asLong() < 0) {
      throw bad(what, "its '" + name + "' is no size", null);
    }
    return field.asLong();
  }

  AtollException bad(String why) {
    return bad(what, why, null);
  }

  static AtollException bad(String what, String why, @Nullable Throwable cause) {
    return new AtollException(
        ErrorCode.BAD_REQUEST,
        "cannot understand " + what + ": " + why,
        "the image was made wrongly or came damaged; make and push it again",
        cause);
  }
}
