package io.atoll.p2p.kad.machine;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.atoll.core.identity.Identity;
import io.atoll.p2p.kad.machine.Validator.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ValidatorsTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private final Identity author = Identity.generate();
  private final ByteString key = SignedRecord.key("offer", author.id());
  private final Validators validators = Validators.standard();

  private ByteString value(Identity by, ByteString under, long sequence, Duration life) {
    return SignedRecord.sign(by, under, sequence, NOW.plus(life), ByteString.copyFromUtf8("x"));
  }

  private String refusal(ByteString under, ByteString value) {
    return validators.judge(under, value, NOW) instanceof Verdict.Refused refused
        ? refused.why()
        : "";
  }

  @Test
  void onlyTheAuthorWritesUnderItsName() {
    ByteString good = value(author, key, 1, Duration.ofHours(1));
    assertThat(validators.judge(key, good, NOW))
        .isEqualTo(new Verdict.Valid(NOW.plus(Duration.ofHours(1))));
    assertThat(refusal(key, value(Identity.generate(), key, 1, Duration.ofHours(1))))
        .contains("not the key's author");
    ByteString other = SignedRecord.key("task", author.id());
    assertThat(refusal(other, good)).contains("for another key");
    byte[] changed = good.toByteArray();
    changed[changed.length - 1] ^= 1;
    assertThat(refusal(key, ByteString.copyFrom(changed))).contains("signature");
    assertThat(refusal(key, ByteString.EMPTY)).contains("not an envelope");
  }

  @Test
  void nothingLivesForEver() {
    assertThat(refusal(key, value(author, key, 1, Duration.ZERO))).contains("expired");
    assertThat(refusal(key, value(author, key, 1, Duration.ofDays(30)))).contains("wants to live");
  }

  @Test
  void unknownNamespacesAreRefused() {
    ByteString good = value(author, key, 1, Duration.ofHours(1));
    for (String name : List.of("", "/", "atoll", "/other/x", "//x", "/atoll", "/pk")) {
      assertThat(refusal(ByteString.copyFromUtf8(name), good)).as(name).isNotEmpty();
    }
  }

  @Test
  void aPublicKeyBelongsUnderItsOwnName() {
    ByteString value = ByteString.copyFrom(author.publicKey().encode());
    ByteString own = PublicKeyValidator.PREFIX.concat(ByteString.copyFrom(author.id().bytes()));
    assertThat(validators.judge(own, value, NOW)).isEqualTo(new Verdict.Valid(Instant.MAX));
    ByteString other =
        PublicKeyValidator.PREFIX.concat(ByteString.copyFrom(Identity.generate().id().bytes()));
    assertThat(refusal(other, value)).contains("not of the key's peer");
  }

  @Test
  void theHighestSequenceIsTheBestWhateverTheOrder() {
    ByteString one = value(author, key, 1, Duration.ofHours(1));
    ByteString two = value(author, key, 2, Duration.ofHours(1));
    ByteString too = value(author, key, 2, Duration.ofHours(2));
    assertThat(validators.best(key, List.of(one, two))).isEqualTo(1);
    assertThat(validators.best(key, List.of(two, one))).isZero();
    List<ByteString> there = List.of(two, too);
    List<ByteString> back = List.of(too, two);
    assertThat(there.get(validators.best(key, there)))
        .isEqualTo(back.get(validators.best(key, back)));
  }
}
