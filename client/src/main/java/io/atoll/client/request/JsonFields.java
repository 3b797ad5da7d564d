package io.atoll.client.request;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.JsonNodeType;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.json.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The fields of a request's JSON object, read strictly: what is not asked for is refused by
/// `done`, and a value of the wrong kind is refused with the field's name. An explicit `null`
/// counts as absent.
public final class JsonFields {
  private static final String CONTRACT = "the contract is at /openapi.json";

  /// What every gzip file begins with (RFC 1952, 2.3.1).
  private static final byte GZIP_1 = 0x1f;

  private static final byte GZIP_2 = (byte) 0x8b;

  private final JsonNode object;
  private final Set<String> known = new LinkedHashSet<>();

  private JsonFields(JsonNode object) {
    this.object = object;
  }

  /// @throws AtollException BAD_REQUEST if the bytes are not one JSON object with distinct names
  public static JsonFields read(byte[] body) {
    if (body.length == 0) {
      throw refused("the request has no body", "send a JSON object; " + CONTRACT);
    }
    if (body.length > 1 && body[0] == GZIP_1 && body[1] == GZIP_2) {
      throw refused("the request's body is compressed", "send it as plain JSON in UTF-8");
    }
    JsonNode node;
    try {
      node = READER.readTree(body);
    } catch (StreamConstraintsException e) {
      throw tooMuch(e);
    } catch (JsonProcessingException e) {
      String where =
          e.getLocation() == null
              ? ""
              : " (line "
                  + e.getLocation().getLineNr()
                  + ", column "
                  + e.getLocation().getColumnNr()
                  + ")";
      throw new AtollException(
          ErrorCode.BAD_REQUEST,
          "the request's body is not JSON: " + Shown.plain(e.getOriginalMessage(), 160) + where,
          "send one JSON object in UTF-8; " + CONTRACT,
          e);
    } catch (IOException e) {
      throw new AtollException(
          ErrorCode.BAD_REQUEST,
          "the request's body is not JSON in UTF-8",
          "send one JSON object in UTF-8; " + CONTRACT,
          e);
    }
    if (!node.isObject()) {
      throw refused("the request's body is " + kind(node) + ", not a JSON object", CONTRACT);
    }
    return new JsonFields(node);
  }

  /// The parser's own words name the setting of ours that it obeys.
  private static AtollException tooMuch(StreamConstraintsException e) {
    boolean deep = String.valueOf(e.getOriginalMessage()).contains("nesting depth");
    return new AtollException(
        ErrorCode.BAD_REQUEST,
        deep
            ? "the request's body nests deeper than " + Json.DEEPEST + " levels"
            : "a number or name in the request's body is too long",
        (deep ? "nest less: " : "shorten it: ") + CONTRACT,
        e);
  }

  private static final ObjectReader READER =
      Json.mapper()
          .reader()
          .with(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  public @Nullable String text(String field) {
    JsonNode node = take(field);
    if (node == null) {
      return null;
    }
    if (!node.isTextual()) {
      throw wrongKind(field, "text", node);
    }
    return node.textValue();
  }

  /// A quantity: text as it is, or a number's digits.
  public @Nullable String quantity(String field) {
    JsonNode node = take(field);
    if (node == null) {
      return null;
    }
    if (!node.isTextual() && !node.isNumber()) {
      throw wrongKind(field, "a number or text", node);
    }
    return node.asText();
  }

  public @Nullable Integer integer(String field) {
    JsonNode node = take(field);
    if (node == null) {
      return null;
    }
    if (!node.isIntegralNumber() || !node.canConvertToInt()) {
      throw wrongKind(field, "a whole number", node);
    }
    return node.intValue();
  }

  public @Nullable Boolean flag(String field) {
    JsonNode node = take(field);
    if (node == null) {
      return null;
    }
    if (!node.isBoolean()) {
      throw wrongKind(field, "true or false", node);
    }
    return node.booleanValue();
  }

  public @Nullable List<String> texts(String field) {
    return list(field, false);
  }

  /// A list of texts or numbers.
  public @Nullable List<String> quantities(String field) {
    return list(field, true);
  }

  private @Nullable List<String> list(String field, boolean numbers) {
    JsonNode node = take(field);
    if (node == null) {
      return null;
    }
    if (!node.isArray()) {
      throw wrongKind(field, "a list", node);
    }
    List<String> texts = new ArrayList<>();
    for (JsonNode element : node) {
      if (!element.isTextual() && !(numbers && element.isNumber())) {
        throw wrongKind(
            field + "[" + texts.size() + "]", numbers ? "text or a number" : "text", element);
      }
      texts.add(element.asText());
    }
    return texts;
  }

  /// A list of objects, each to be read as strictly as this one.
  public @Nullable List<JsonFields> objects(String field) {
    JsonNode node = take(field);
    if (node == null) {
      return null;
    }
    if (!node.isArray()) {
      throw wrongKind(field, "a list", node);
    }
    List<JsonFields> objects = new ArrayList<>();
    for (JsonNode element : node) {
      if (!element.isObject()) {
        throw wrongKind(field + "[" + objects.size() + "]", "an object", element);
      }
      objects.add(new JsonFields(element));
    }
    return objects;
  }

  public @Nullable Map<String, String> map(String field) {
    JsonNode node = take(field);
    if (node == null) {
      return null;
    }
    if (!node.isObject()) {
      throw wrongKind(field, "an object", node);
    }
    Map<String, String> map = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      if (!entry.getValue().isTextual()) {
        throw wrongKind(field + "." + Shown.plain(entry.getKey(), 40), "text", entry.getValue());
      }
      map.put(entry.getKey(), entry.getValue().textValue());
    }
    return map;
  }

  /// Call last: refuses fields that nobody asked for.
  public void done() {
    Iterator<String> names = object.fieldNames();
    while (names.hasNext()) {
      String name = names.next();
      if (!known.contains(name)) {
        throw refused(
            "unknown field " + Shown.quoted(name),
            Nearest.hint(name, known) + "the fields are " + String.join(", ", known));
      }
    }
  }

  private @Nullable JsonNode take(String field) {
    known.add(field);
    JsonNode node = object.get(field);
    return node == null || node.isNull() ? null : node;
  }

  private static AtollException wrongKind(String field, String expected, JsonNode found) {
    return refused(
        field + ": expected " + expected + ", found " + kind(found),
        "write " + field + " as " + expected + "; " + CONTRACT);
  }

  private static String kind(JsonNode node) {
    JsonNodeType type = node.getNodeType();
    return switch (type) {
      case OBJECT -> "an object";
      case ARRAY -> "a list";
      case STRING -> "text " + Shown.quoted(node.textValue());
      case NUMBER -> "the number " + Shown.plain(node.asText(), 30);
      case BOOLEAN -> node.asText();
      case NULL -> "null";
      case MISSING -> "nothing";
      case BINARY, POJO -> type.name().toLowerCase(Locale.ROOT);
    };
  }

  private static AtollException refused(String message, String hint) {
    return new AtollException(ErrorCode.BAD_REQUEST, message, hint);
  }
}
