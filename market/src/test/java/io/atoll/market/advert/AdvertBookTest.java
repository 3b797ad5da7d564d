package io.atoll.market.advert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.protobuf.ByteString;
import io.atoll.core.identity.Identity;
import io.atoll.core.json.Json;
import io.atoll.core.term.Resources;
import io.atoll.core.testing.Fuzz;
import io.atoll.market.advert.AdvertBook.Taken;
import io.atoll.market.advert.AdvertData.OfHub;
import io.atoll.market.advert.AdvertData.OfProvider;
import io.atoll.p2p.kad.machine.SignedRecord;
import io.atoll.p2p.kad.machine.Validator;
import io.atoll.p2p.kad.machine.Validators;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AdvertBookTest {
  private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");
  private static final Duration LIFE = Duration.ofMinutes(20);
  private static final Identity ADA = Identity.generate();
  private static final Identity BOB = Identity.generate();

  static OfProvider provider(int cores, String... drivers) {
    Resources has = new Resources(cores * 1000L, (long) cores << 30, 0);
    return new OfProvider(
        "node-" + cores,
        "1",
        "linux",
        "amd64",
        has,
        has,
        List.of(drivers),
        Map.of("zone", "z" + cores),
        List.of("/ip4/127.0.0.1/tcp/7464"));
  }

  private static Advert signed(Identity by, AdvertData data, Instant at) {
    return Advert.open(Advert.sign(by, data, at, LIFE).signed());
  }

  @Test
  void theNewestOfEachPeerCountsUntilItEnds() {
    AdvertBook book = new AdvertBook(100);
    assertThat(book.take(signed(ADA, provider(2), NOW), NOW)).isEqualTo(Taken.NEW);
    assertThat(book.take(signed(ADA, provider(2), NOW), NOW)).isEqualTo(Taken.KNOWN);
    Instant later = NOW.plusSeconds(60);
    assertThat(book.take(signed(ADA, provider(8), later), later)).isEqualTo(Taken.NEW);
    assertThat(book.take(signed(ADA, provider(4), NOW.plusSeconds(30)), later))
        .isEqualTo(Taken.KNOWN);
    assertThat(book.providers(AdvertFilter.ANY, 10, later))
        .extracting(Advert::data)
        .containsExactly(provider(8));
    // a provider and a hub at once
    assertThat(book.take(signed(ADA, new OfHub("h", "1", List.of()), later), later))
        .isEqualTo(Taken.NEW);
    assertThat(book.hubs(10, later)).hasSize(1);
    assertThat(book.providers(AdvertFilter.ANY, 10, later.plus(LIFE))).isEmpty();
    book.expire(later.plus(LIFE));
    assertThat(book.size()).isZero();
    assertThat(book.take(signed(BOB, provider(1), NOW), NOW.plus(LIFE))).isEqualTo(Taken.NOT_GOOD);
    assertThat(book.take(signed(BOB, provider(1), NOW.plusSeconds(600)), NOW))
        .isEqualTo(Taken.NOT_GOOD);
  }

  @Test
  void searchesByWhatIsFree() {
    AdvertBook book = new AdvertBook(100);
    for (int cores : new int[] {2, 4, 8}) {
      String[] drivers = cores == 4 ? new String[] {"process"} : new String[] {"process", "docker"};
      book.take(signed(Identity.generate(), provider(cores, drivers), NOW), NOW);
    }
    AdvertFilter three = AdvertFilter.of(new Resources(3000, 3L << 30, 0));
    assertThat(book.providers(three, 10, NOW)).hasSize(2);
    assertThat(book.providers(three.withDriver("docker"), 10, NOW))
        .extracting(Advert::data)
        .containsExactly(provider(8, "process", "docker"));
    assertThat(
            book.providers(
                new AdvertFilter(Resources.NONE, List.of(), "linux", "amd64", Map.of("zone", "z4")),
                10,
                NOW))
        .hasSize(1);
    assertThat(
            book.providers(
                new AdvertFilter(Resources.NONE, List.of(), null, "arm64", Map.of()), 10, NOW))
        .isEmpty();
    assertThat(book.providers(AdvertFilter.ANY, 2, NOW)).hasSize(2);
  }

  @Test
  void aFullBookStaysBoundedAndKeepsTheNewest() {
    AdvertBook book = new AdvertBook(20);
    for (int i = 0; i < 60; i++) {
      book.take(signed(Identity.generate(), provider(1), NOW.plusSeconds(i)), NOW.plusSeconds(i));
    }
    assertThat(book.size()).isBetween(18, 20);
    assertThat(book.providers(AdvertFilter.ANY, 1, NOW.plusSeconds(60)).getFirst().at())
        .isEqualTo(NOW.plusSeconds(59));
  }

  @Test
  void aSearchAmongTenThousandIsFast() {
    AdvertBook book = new AdvertBook(10_000);
    ByteString nothing = ByteString.EMPTY;
    IntStream.range(0, 10_000)
        .forEach(
            i ->
                book.take(
                    new Advert(
                        Identity.generate().id(), NOW, NOW.plus(LIFE), provider(i % 64), nothing),
                    NOW));
    AdvertFilter big = AdvertFilter.of(new Resources(63_000, 1, 0));
    assertThat(book.providers(big, 1000, NOW)).hasSizeBetween(150, 160);
    long began = System.nanoTime();
    book.providers(big, 1000, NOW);
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofMillis(100));
  }

  @Test
  void whatIsNotSignedForItsPlaceIsNoAdvertisement() {
    Advert good = signed(ADA, provider(2), NOW);
    byte[] bytes = good.signed().toByteArray();
    Random random = new Random(7);
    for (int i = 0; i < 400; i++) {
      byte[] changed = bytes.clone();
      changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Advert.open(ByteString.copyFrom(changed)));
    }
    assertThatIllegalArgumentException().isThrownBy(() -> Advert.open(ByteString.EMPTY));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Advert.open(ByteString.copyFrom(new byte[1 << 20])));
    // under another kind's key, under another peer's, for ever
    assertRefused(ADA, AdvertKind.HUB.key(ADA.id()), NOW.plusSeconds(60), provider(2));
    assertRefused(ADA, AdvertKind.PROVIDER.key(BOB.id()), NOW.plusSeconds(60), provider(2));
    assertRefused(ADA, AdvertKind.PROVIDER.key(ADA.id()), NOW.plusSeconds(9000), provider(2));
  }

  private static void assertRefused(Identity by, ByteString key, Instant until, AdvertData data) {
    ByteString json = ByteString.copyFrom(Json.bytes(data));
    ByteString value = SignedRecord.sign(by, key, NOW.toEpochMilli(), until, json);
    assertThatIllegalArgumentException().isThrownBy(() -> Advert.open(value));
  }

  @Test
  void strangeDataIsRefused() {
    String good = Json.write(provider(2));
    String[] strange = {
      "",
      "[]",
      "{}",
      "{\"type\":\"other\"}",
      good.replace("node-2", "n\\u0007"),
      good.replace("node-2", "n".repeat(65)),
      good.replace("/ip4/127.0.0.1/tcp/7464", "somewhere"),
      good.replace("\"amd64\"", "null"),
      good.replace("\"cpuMillis\":2000", "\"cpuMillis\":-1"),
      good.replaceFirst("\"cpuMillis\":2000", "\"cpuMillis\":9000"),
      good.replace("[\"/ip4", "[" + "\"/ip4/1.2.3.4/tcp/1\",".repeat(17) + "\"/ip4"),
    };
    for (String json : strange) {
      ByteString key = AdvertKind.PROVIDER.key(ADA.id());
      ByteString value =
          SignedRecord.sign(
              ADA, key, NOW.toEpochMilli(), NOW.plusSeconds(60), ByteString.copyFromUtf8(json));
      assertThatIllegalArgumentException().describedAs(json).isThrownBy(() -> Advert.open(value));
    }
    assertThat(Collections.max(List.of(strange).stream().map(String::length).toList()))
        .isLessThan(Advert.MAX_BYTES);
  }

  @Test
  void damagedAdvertisements() {
    byte[] envelope = signed(ADA, provider(2), NOW).signed().toByteArray();
    List<byte[]> data =
        List.of(
            Json.bytes(provider(2, "process", "docker")),
            Json.bytes(new OfHub("hub", "1", List.of("/ip4/127.0.0.1/tcp/1"))));
    Fuzz.rounds(
        "advert",
        4_000,
        random -> {
          try {
            assertThat(Advert.data(Fuzz.bytes(random, data))).isNotNull();
          } catch (IllegalArgumentException refused) {
            assertThat(refused.getMessage()).isNotBlank();
          }
          try {
            Advert.open(ByteString.copyFrom(Fuzz.bytes(random, List.of(envelope))));
          } catch (IllegalArgumentException refused) {
            assertThat(refused.getMessage()).isNotBlank();
          }
        });
  }

  @Test
  void theDhtKeepsItForItsAuthorOnly() {
    Advert advert = Advert.sign(ADA, provider(2), Instant.now(), LIFE);
    Validators validators = Validators.standard();
    assertThat(validators.judge(AdvertKind.PROVIDER.key(ADA.id()), advert.signed(), Instant.now()))
        .isInstanceOf(Validator.Verdict.Valid.class);
    assertThat(validators.judge(AdvertKind.PROVIDER.key(BOB.id()), advert.signed(), Instant.now()))
        .isInstanceOf(Validator.Verdict.Refused.class);
    assertThat(validators.judge(AdvertKind.HUB.key(ADA.id()), advert.signed(), Instant.now()))
        .isInstanceOf(Validator.Verdict.Refused.class);
  }
}
