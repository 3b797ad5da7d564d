package io.atoll.vpn.node;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.PeerId;
import io.atoll.core.json.Json;
import io.atoll.core.term.NetworkId;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.Stream;
import io.atoll.p2p.transport.Deadline;
import io.atoll.vpn.path.PathAdvice;
import java.io.IOException;
import java.net.ProtocolException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How packets get from one node to another, as the first of them sees it, asked by the owner of a
/// network that both are in. The node tries before it answers.
///
/// ```
/// owner → {network, node, name}, JSON, half close
/// node  → {verdict, tried, fix}, or {unknown: true} if it is in no such network with that node
/// ```
public final class PathQuestion {
  static final String PROTOCOL = "/atoll/why/1";
  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static final Duration CONNECTING = Duration.ofSeconds(5);
  private static final int LONGEST_QUESTION = 1 << 10;
  private static final int LONGEST_ANSWER = 64 << 10;

  private PathQuestion() {}

  /// Whoever answers.
  @FunctionalInterface
  interface Respondent {
    /// @return null if the asker is not to know, or there is nothing to say
    @Nullable PathAdvice why(PeerId asker, NetworkId network, PeerId node, String name)
        throws InterruptedException;
  }

  private record Line(@Nullable NetworkId network, @Nullable PeerId node, @Nullable String name) {}

  private record Answer(
      @Nullable Boolean unknown,
      @Nullable String verdict,
      @Nullable List<PathAdvice.Line> tried,
      @Nullable List<String> fix) {}

  static void serve(Host host, Respondent respondent) {
    host.handle(PROTOCOL, stream -> answer(stream, respondent));
  }

  private static void answer(Stream stream, Respondent respondent)
      throws IOException, InterruptedException {
    try (var _ = new Deadline(TIMEOUT, stream::reset)) {
      Line line = Json.read(all(stream, LONGEST_QUESTION), Line.class);
      if (line == null || line.network == null || line.node == null || line.name == null) {
        throw new ProtocolException("a question about a path says too little");
      }
      PathAdvice advice = respondent.why(stream.remote(), line.network, line.node, line.name);
      Answer answer =
          advice == null
              ? new Answer(true, null, null, null)
              : new Answer(null, advice.verdict(), advice.tried(), advice.fix());
      stream.out().write(Json.bytes(answer));
      stream.out().close();
    }
  }

  /// Asks a node.
  ///
  /// @param to the other node
  /// @param name what people call it
  /// @throws AtollException if the node does not say
  public static PathAdvice ask(Host host, PeerId from, NetworkId network, PeerId to, String name)
      throws InterruptedException {
    try {
      host.connect(from, List.of(), CONNECTING);
      try (Stream stream = host.open(from, PROTOCOL);
          var _ = new Deadline(TIMEOUT, stream::reset)) {
        stream.out().write(Json.bytes(new Line(network, to, name)));
        stream.out().close();
        Answer answer = Json.read(all(stream, LONGEST_ANSWER), Answer.class);
        if (answer == null || answer.unknown != null || answer.verdict == null) {
          throw new AtollException(
              ErrorCode.NOT_FOUND,
              "node " + from + " knows no way to " + name + " in this network",
              "see that both are members: `atoll net members NETWORK`");
        }
        return new PathAdvice(
            answer.verdict,
            answer.tried == null ? List.of() : answer.tried,
            answer.fix == null ? List.of() : answer.fix);
      }
    } catch (IOException e) {
      throw new AtollException(
          ErrorCode.UNREACHABLE,
          "node " + from + " does not say how it reaches " + name + ": " + e.getMessage(),
          "see that its daemon runs",
          e);
    }
  }

  private static byte[] all(Stream stream, int longest) throws IOException {
    byte[] bytes = stream.in().readNBytes(longest + 1);
    if (bytes.length > longest) {
      throw new ProtocolException("more than " + longest + " bytes about a path");
    }
    return bytes;
  }
}
