package io.atoll.core.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.identity.Identity;
import io.atoll.core.testing.Fuzz;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Whatever is done to a record, it shows.
class AuditTamperingTest {
  private static final Instant T0 = Instant.parse("2026-01-31T12:00:00Z");
  private static final Identity HUB = Identity.ofSeed(new byte[32]);

  private enum Tampering {
    BYTE_CHANGED,
    BIT_FLIPPED,
    BYTE_ADDED,
    BYTE_REMOVED,
    LINES_SWAPPED,
    LINE_REMOVED,
    LINE_TWICE,
    LINE_WRITTEN_ANEW,
    REST_WRITTEN_ANEW,
    CUT_BEFORE_THE_END,
    CUT_ANYWHERE,
    OLDER_END,
    SIGNED_BY_ANOTHER,
    BEGINNING_REMOVED
  }

  private static List<String> record(Random random, int entries) {
    List<String> lines = new ArrayList<>();
    AuditEnd end = AuditEnd.NONE;
    for (int i = 0; i < entries; i++) {
      String line = AuditLine.after(end, fact(random, i)).text();
      lines.add(line);
      end = AuditEnd.at(i + 1, line);
    }
    return lines;
  }

  private static AuditFact fact(Random random, int i) {
    String[] actions = {"task.create", "task.stop", "key.revoke", "POST /api/v1/tasks/{task}/exec"};
    return new AuditFact(
        T0.plusMillis(17L * i),
        "key k" + random.nextInt(100),
        actions[random.nextInt(actions.length)],
        random.nextInt(4) == 0 ? "" : "t" + random.nextLong(),
        random.nextInt(5) == 0 ? "DENIED" : "OK",
        1 + random.nextInt(3));
  }

  private static SignedEnd end(Identity by, List<String> lines) {
    AuditEnd end = lines.isEmpty() ? AuditEnd.NONE : AuditEnd.at(lines.size(), lines.getLast());
    return SignedEnd.sign(by, end, T0.plusSeconds(lines.size()));
  }

  private static byte[] file(List<String> lines, String end) {
    StringBuilder text = new StringBuilder();
    lines.forEach(line -> text.append(line).append('\n'));
    return text.append(end).append('\n').toString().getBytes(StandardCharsets.UTF_8);
  }

  private static boolean isFound(byte[] file, SignedEnd kept) throws IOException {
    AuditCheck check = new AuditCheck().expect(kept);
    SignedEnd last = check.file(new ByteArrayInputStream(file));
    return check.result() instanceof AuditCheck.Result.Changed
        || last == null
        || !last.hub().equals(HUB.id());
  }

  @Test
  void whatIsWholeIsWhole() throws IOException {
    Random random = new Random(1);
    for (int entries : new int[] {0, 1, 2, 500}) {
      List<String> lines = record(random, entries);
      AuditCheck check = new AuditCheck().expect(end(HUB, lines.subList(0, entries / 2)));
      assertThat(check.file(new ByteArrayInputStream(file(lines, end(HUB, lines).text()))))
          .isEqualTo(end(HUB, lines));
      assertThat(check.result())
          .isEqualTo(
              new AuditCheck.Result.Whole(
                  entries == 0 ? AuditEnd.NONE : AuditEnd.at(entries, lines.getLast())));
    }
  }

  @Test
  void anEndThatIsNotTheRecordsIsToldWithWhatIsMissing() throws IOException {
    List<String> lines = record(new Random(2), 9);
    AuditCheck check = new AuditCheck().expect(end(HUB, lines));
    List<String> few = lines.subList(0, 4);
    assertThat(check.file(new ByteArrayInputStream(file(few, end(HUB, few).text())))).isNotNull();
    assertThat(check.result())
        .isEqualTo(
            new AuditCheck.Result.Changed(
                4, "entries 5 to 9 are missing, which were there at " + T0.plusSeconds(9)));
  }

  @Test
  void everyTamperingIsFound() {
    Map<Tampering, Integer> tried = new EnumMap<>(Tampering.class);
    Fuzz.rounds(
        "audit",
        400,
        random -> {
          List<String> lines = record(random, 2 + random.nextInt(30));
          SignedEnd kept = end(HUB, lines);
          byte[] whole = file(lines, kept.text());
          assertThat(isFound(whole, kept)).isFalse();
          Tampering tampering = Tampering.values()[random.nextInt(Tampering.values().length)];
          byte[] changed = tampered(random, tampering, lines, kept, whole);
          if (!Arrays.equals(changed, whole)) {
            tried.merge(tampering, 1, Integer::sum);
            assertThat(isFound(changed, kept))
                .as("%s in%n%s", tampering, new String(changed, StandardCharsets.UTF_8))
                .isTrue();
          }
        });
    System.out.println("audit: " + tried);
    if (tried.values().stream().mapToInt(Integer::intValue).sum() > 300) {
      assertThat(tried).containsOnlyKeys(Tampering.values());
    }
  }

  private static byte[] tampered(
      Random random, Tampering tampering, List<String> lines, SignedEnd kept, byte[] whole) {
    int at = random.nextInt(whole.length);
    int line = random.nextInt(lines.size());
    List<String> other = new ArrayList<>(lines);
    return switch (tampering) {
      case BYTE_CHANGED -> {
        byte[] bytes = whole.clone();
        bytes[at] = (byte) random.nextInt(256);
        yield bytes;
      }
      case BIT_FLIPPED -> {
        byte[] bytes = whole.clone();
        bytes[at] ^= (byte) (1 << random.nextInt(8));
        yield bytes;
      }
      case BYTE_ADDED -> {
        byte[] bytes = new byte[whole.length + 1];
        System.arraycopy(whole, 0, bytes, 0, at);
        bytes[at] = random.nextBoolean() ? (byte) ' ' : (byte) random.nextInt(256);
        System.arraycopy(whole, at, bytes, at + 1, whole.length - at);
        yield bytes;
      }
      case BYTE_REMOVED -> {
        byte[] bytes = new byte[whole.length - 1];
        System.arraycopy(whole, 0, bytes, 0, at);
        System.arraycopy(whole, at + 1, bytes, at, bytes.length - at);
        yield bytes;
      }
      case LINES_SWAPPED -> {
        int with = random.nextInt(lines.size());
        other.set(line, lines.get(with));
        other.set(with, lines.get(line));
        yield file(other, kept.text());
      }
      case LINE_REMOVED -> {
        other.remove(line);
        yield file(other, kept.text());
      }
      case LINE_TWICE -> {
        other.add(line, lines.get(line));
        yield file(other, kept.text());
      }
      case LINE_WRITTEN_ANEW -> {
        AuditEnd before = line == 0 ? AuditEnd.NONE : AuditEnd.at(line, lines.get(line - 1));
        other.set(line, AuditLine.after(before, fact(random, 1000)).text());
        yield file(other, kept.text());
      }
      case REST_WRITTEN_ANEW, SIGNED_BY_ANOTHER -> {
        AuditEnd end = line == 0 ? AuditEnd.NONE : AuditEnd.at(line, lines.get(line - 1));
        for (int i = line; i < other.size(); i++) {
          String anew = AuditLine.after(end, fact(random, 1000 + i)).text();
          other.set(i, anew);
          end = AuditEnd.at(i + 1, anew);
        }
        Identity by = Identity.ofSeed(Arrays.copyOf(new byte[] {1, (byte) line}, 32));
        yield file(
            other, tampering == Tampering.REST_WRITTEN_ANEW ? kept.text() : end(by, other).text());
      }
      case CUT_BEFORE_THE_END -> file(lines.subList(0, line), kept.text());
      case CUT_ANYWHERE -> Arrays.copyOf(whole, at);
      case OLDER_END -> file(lines.subList(0, line), end(HUB, lines.subList(0, line)).text());
      case BEGINNING_REMOVED -> file(lines.subList(line, lines.size()), kept.text());
    };
  }
}
