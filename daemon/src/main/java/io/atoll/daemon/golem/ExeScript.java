package io.atoll.daemon.golem;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.client.request.Shown;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.json.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a batch is to do: a list of objects of which each has one field, the command's name.
record ExeScript(List<Command> commands) {
  private static final int MOST = 1000;

  sealed interface Command {
    record Deploy(List<Net> nets) implements Command {}

    /// @param args the payload's own program; empty = whatever keeps a place for `run`
    record Start(List<String> args) implements Command {}

    record Run(List<String> command, Map<String, String> env) implements Command {}

    record Terminate() implements Command {}

    /// One of Golem's that is not served here.
    record Other(String name) implements Command {}
  }

  /// A network in which the payload is to be.
  ///
  /// @param ip and
  /// @param mask of the network; null where they were left out
  /// @param nodeIp the payload's own address
  record Net(String id, @Nullable String ip, @Nullable String mask, String nodeIp) {}

  ExeScript {
    commands = List.copyOf(commands);
  }

  /// @param body `{text}`, which is JSON again
  /// @throws AtollException BAD_REQUEST
  static ExeScript parse(byte[] body) {
    JsonNode text = Market.object(body).path("text");
    JsonNode list;
    try {
      list = text.isTextual() ? Json.mapper().readTree(text.textValue()) : text;
    } catch (IOException e) {
      throw new AtollException(
          ErrorCode.BAD_REQUEST, "text: is not JSON", "write a list of commands as text", e);
    }
    if (list == null || !list.isArray() || list.size() > MOST) {
      throw wrong("text", "is no list of at most " + MOST + " commands");
    }
    List<Command> commands = new ArrayList<>();
    for (JsonNode one : list) {
      if (one.size() != 1 || !one.isObject()) {
        throw wrong("command " + commands.size(), "is no object of one field");
      }
      Map.Entry<String, JsonNode> entry = one.properties().iterator().next();
      commands.add(command(entry.getKey(), entry.getValue()));
    }
    return new ExeScript(commands);
  }

  private static Command command(String name, JsonNode words) {
    return switch (name) {
      case "deploy" -> new Command.Deploy(nets(words.path("net")));
      case "start" -> new Command.Start(texts("start.args", words.path("args")));
      case "run" -> {
        List<String> command = new ArrayList<>();
        command.add(text("run.entry_point", words.path("entry_point")));
        command.addAll(texts("run.args", words.path("args")));
        yield new Command.Run(List.copyOf(command), env(words.path("env")));
      }
      case "terminate" -> new Command.Terminate();
      case "sign", "transfer" -> new Command.Other(name);
      default -> throw wrong(Shown.quoted(name), "is no command");
    };
  }

  private static List<Net> nets(JsonNode list) {
    if (list.isMissingNode() || list.isNull()) {
      return List.of();
    }
    if (!list.isArray()) {
      throw wrong("deploy.net", "is no list");
    }
    List<Net> nets = new ArrayList<>();
    for (JsonNode one : list) {
      nets.add(
          new Net(
              text("deploy.net.id", one.path("id")),
              one.path("ip").isTextual() ? one.path("ip").textValue() : null,
              one.path("mask").isTextual() ? one.path("mask").textValue() : null,
              text("deploy.net.nodeIp", one.path("nodeIp"))));
    }
    return List.copyOf(nets);
  }

  private static Map<String, String> env(JsonNode node) {
    Map<String, String> env = new LinkedHashMap<>();
    if (!node.isMissingNode() && !node.isNull()) {
      if (!node.isObject()) {
        throw wrong("run.env", "is no object");
      }
      node.properties().forEach(e -> env.put(e.getKey(), text("run.env", e.getValue())));
    }
    return env;
  }

  private static List<String> texts(String field, JsonNode list) {
    List<String> texts = new ArrayList<>();
    if (!list.isMissingNode() && !list.isNull()) {
      if (!list.isArray()) {
        throw wrong(field, "is no list");
      }
      list.forEach(one -> texts.add(text(field, one)));
    }
    return List.copyOf(texts);
  }

  private static String text(String field, JsonNode node) {
    if (!node.isTextual()) {
      throw wrong(field, "is no text");
    }
    return node.textValue();
  }

  private static AtollException wrong(String what, String why) {
    return new AtollException(
        ErrorCode.BAD_REQUEST,
        what + " " + why,
        "write [{\"deploy\": {}}, {\"start\": {}}, {\"run\": {\"entry_point\": \"/bin/sh\","
            + " \"args\": []}}]");
  }
}
