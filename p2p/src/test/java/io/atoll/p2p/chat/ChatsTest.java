package io.atoll.p2p.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.Identity;
import io.atoll.core.testing.Fuzz;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.HostConfig;
import io.atoll.p2p.host.P2p;
import io.atoll.p2p.host.Stream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ChatsTest {
  private static final List<String> ANY = List.of("/ip4/127.0.0.1/tcp/0");
  private static final ChatLimits SMALL =
      new ChatLimits(2, 3, 4, Duration.ofHours(1), Duration.ofSeconds(5));

  private final List<Host> hosts = new ArrayList<>();
  private Host bob;
  private Chats chats;

  @BeforeEach
  void start() throws Exception {
    bob = host();
    chats = Chats.open(bob, SMALL);
  }

  @AfterEach
  void stop() {
    hosts.forEach(Host::close);
  }

  private Host host() throws IOException {
    Host host = P2p.start(HostConfig.of(Identity.generate(), ANY));
    hosts.add(host);
    return host;
  }

  private static void refused(
      ErrorCode code, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            AtollException.class, e -> assertThat(e.code()).as(e.text()).isEqualTo(code));
  }

  @Test
  void linesGoBothWaysOverOneConnection() throws Exception {
    Host alice = host();
    Chats hers = Chats.open(alice, ChatLimits.defaults());
    hers.say(bob.id(), bob.listening(), "hello, Bob");
    assertThat(chats.all()).hasSize(1);
    assertThat(chats.all().getFirst().unread()).isEqualTo(1);
    assertThat(chats.lines(alice.id(), 0, Duration.ZERO))
        .extracting(ChatLine::text)
        .containsExactly("hello, Bob");
    assertThat(chats.all().getFirst().unread()).isZero();
    chats.say(alice.id(), List.of(), "hello, Alice");
    List<ChatLine> seen = hers.lines(bob.id(), 1, Duration.ofSeconds(5));
    assertThat(seen).hasSize(1);
    assertThat(seen.getFirst().mine()).isFalse();
    assertThat(hers.lines(bob.id(), 2, Duration.ofMillis(20))).isEmpty();
  }

  @Test
  void controlCharactersNeverArrive() throws Exception {
    Host mallory = host();
    mallory.connect(bob.id(), bob.listening(), Duration.ofSeconds(5));
    try (Stream stream = mallory.open(bob.id(), Chats.PROTOCOL)) {
      ChatWire.write(stream.out(), "\u001b]0;owned\u0007\r\nsudo\u202e \u0000x\u009b31m");
      assertThat(ChatWire.read(stream.in())).isEmpty();
    }
    String text = chats.lines(mallory.id(), 0, Duration.ZERO).getFirst().text();
    assertThat(text.codePoints().anyMatch(Character::isISOControl)).isFalse();
    assertThat(text).doesNotContain("\u202e").contains("sudo");
  }

  @Test
  void whoSaysTooMuchIsToldSo() throws Exception {
    Chats hers = Chats.open(host(), ChatLimits.defaults());
    for (int i = 0; i < SMALL.burst(); i++) {
      hers.say(bob.id(), bob.listening(), "line " + i);
    }
    refused(ErrorCode.TOO_MANY_REQUESTS, () -> hers.say(bob.id(), bob.listening(), "one too many"));
    refused(ErrorCode.TOO_LARGE, () -> hers.say(bob.id(), List.of(), "é".repeat(4000)));
    refused(ErrorCode.BAD_REQUEST, () -> hers.say(bob.id(), List.of(), " "));
    refused(
        ErrorCode.UNREACHABLE,
        () -> hers.say(Identity.generate().id(), List.of("/ip4/127.0.0.1/tcp/1"), "anybody?"));
    assertThat(chats.all().getFirst().last().seq()).isEqualTo(SMALL.burst());
    assertThat(chats.lines(chats.all().getFirst().peer(), 0, Duration.ZERO)).hasSize(SMALL.lines());
  }

  @Test
  void strangersPushOutStrangersAndNobodyElse() throws Exception {
    Host friend = host();
    Chats friends = Chats.open(friend, ChatLimits.defaults());
    friends.say(bob.id(), bob.listening(), "it is me");
    chats.say(friend.id(), List.of(), "I know");
    List<Host> strangers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Host stranger = host();
      strangers.add(stranger);
      Chats.open(stranger, ChatLimits.defaults()).say(bob.id(), bob.listening(), "buy this");
    }
    assertThat(chats.all())
        .extracting(Conversation::peer)
        .containsExactly(friend.id(), strangers.getLast().id());
  }

  @Test
  void noiseIsRefused() throws Exception {
    var good = new ByteArrayOutputStream();
    ChatWire.write(good, "some line");
    Fuzz.rounds(
        "chat",
        20_000,
        random -> {
          byte[] bytes = Fuzz.bytes(random, List.of(good.toByteArray()));
          try {
            assertThat(ChatWire.read(new ByteArrayInputStream(bytes))).isNotNull();
          } catch (IOException refused) {
            assertThat(refused.getMessage()).isNotBlank();
          }
        });
  }
}
