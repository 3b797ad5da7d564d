package io.atoll.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EventReaderTest {
  private static EventReader reader(String text) {
    return new EventReader(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void readsEventsAndSkipsComments() throws IOException {
    EventReader reader =
        reader(": hi\n\nid: 7\nevent: a\ndata: one\ndata:two\n\n:\n\r\ndata: x\r\n\r\nid: 9\n\n");
    EventReader.Event first = reader.next();
    assertThat(first.name()).isEqualTo("a");
    assertThat(new String(first.data(), StandardCharsets.UTF_8)).isEqualTo("one\ntwo");
    assertThat(reader.lastId()).isEqualTo("7");
    EventReader.Event second = reader.next();
    assertThat(second.name()).isEqualTo("message");
    assertThat(reader.next()).isNull();
    assertThat(reader.lastId()).isEqualTo("9");
  }

  @Test
  void anEventThatWasCutIsNone() throws IOException {
    String whole = "id: 1\nevent: a\ndata: x\n\n";
    for (int cut = 0; cut < whole.length() - 1; cut++) {
      assertThat(reader(whole.substring(0, cut)).next()).as("cut at " + cut).isNull();
    }
    assertThat(reader(whole).next()).isNotNull();
  }

  @Test
  void endsOnAnyBytes() throws IOException {
    long seed = Long.getLong("atoll.fuzz.seed", System.nanoTime());
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    byte[] alphabet = "id:data event\n\r: x\u0000".getBytes(StandardCharsets.UTF_8);
    for (int round = 0; round < Integer.getInteger("atoll.fuzz.rounds", 2_000); round++) {
      byte[] bytes = new byte[random.nextInt(200)];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = alphabet[random.nextInt(alphabet.length)];
      }
      EventReader reader = new EventReader(new ByteArrayInputStream(bytes));
      int events = 0;
      while (reader.next() != null) {
        events++;
      }
      assertThat(events)
          .as("seed " + seed + " round " + round)
          .isLessThanOrEqualTo(bytes.length / 7 + 1);
    }
  }
}
