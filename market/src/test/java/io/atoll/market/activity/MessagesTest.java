package io.atoll.market.activity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.identity.PeerId;
import io.atoll.core.json.Json;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.IpAddress;
import io.atoll.core.term.NetworkId;
import io.atoll.core.term.OutputChunk;
import io.atoll.core.term.Resources;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.core.term.Workload;
import io.atoll.p2p.host.Stream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MessagesTest {
  private static final RunId RUN = new RunId(new TaskId("t0123456789ab"), new Epoch(1, 7));

  @Test
  void messagesArriveAsSent() throws Exception {
    ToProvider.DesiredSet set =
        new ToProvider.DesiredSet(3, ToProvider.DesiredSet.WHOLE, List.of(order()), List.of());
    ToProvider.Acks acks = new ToProvider.Acks(List.of(new ToProvider.Ack(RUN, 4)));
    Wire wire = new Wire(new byte[0]);
    new MessageStream<ToHub, ToProvider>(wire, ToHub.class).send(List.of(set, acks));
    MessageStream<ToProvider, ToHub> there =
        new MessageStream<>(new Wire(wire.written.toByteArray()), ToProvider.class);
    assertThat(there.receive()).contains(set);
    assertThat(there.receive()).contains(acks);
    assertThat(there.receive()).isEmpty();
  }

  @Test
  void aNewerPeersFieldsAreIgnoredAndItsMessagesSkipped() throws Exception {
    byte[] frames =
        frames(
            "{\"type\":\"from-the-future\",\"x\":1}",
            "{\"type\":\"acks\",\"acks\":[],\"new\":{\"deep\":[1]}}");
    MessageStream<ToProvider, ToHub> stream =
        new MessageStream<>(new Wire(frames), ToProvider.class);
    assertThat(stream.receive()).contains(new ToProvider.Acks(List.of()));
  }

  /// What version 0.1 sends knows nothing of memory that is given back; nor does it mind.
  @Test
  void ordersAndReportsOfTheVersionBeforeAreUnderstood() throws Exception {
    String order = Json.write(order()).replace("\"deep\":false,", "");
    assertThat(order).doesNotContain("deep");
    assertThat(Json.read(order, Order.class)).isEqualTo(order());
    String report =
        "{\"run\":\"%s\",\"seq\":3,\"state\":\"SUSPENDED\",\"detail\":\"\",\"endpoints\":[],"
            + "\"at\":\"2026-01-01T00:00:00Z\"}";
    RunReport read = Json.read(report.formatted(RUN), RunReport.class);
    assertThat(read.deep()).isFalse();
    Order deep =
        new Order(
            RUN, order().workload(), Desired.SUSPEND, 1, 0, 0, order().authority(), "{}", true);
    String wire = Json.write(deep);
    assertThat(wire).contains("\"desired\":\"SUSPEND\"").contains("\"deep\":true");
    assertThat(DesiredDigest.of(List.of(deep)))
        .isEqualTo(
            DesiredDigest.of(
                List.of(
                    new Order(
                        RUN,
                        order().workload(),
                        Desired.SUSPEND,
                        1,
                        0,
                        0,
                        order().authority(),
                        "{}"))));
  }

  /// Recorded from the version before, which knows no private networks; and what it is sent means
  /// the same to it.
  @Test
  void theVersionBeforeKnowsNoNetworks() throws Exception {
    String hello =
        "{\"type\":\"hello\",\"bootId\":\"b\",\"highest\":\"1-7\",\"oldest\":1,\"protocol\":1,"
            + "\"runs\":[],\"offer\":{\"arch\":\"amd64\",\"deep\":[\"microvm\"],\"drivers\":"
            + "[\"process\"],\"labels\":{},\"missing\":[],\"name\":\"p\",\"os\":\"linux\","
            + "\"terms\":{\"bare\":false,\"drivers\":[\"process\"],\"egress\":false},\"total\":"
            + "{\"cpuMillis\":1000,\"disk\":0,\"memory\":1024},\"version\":\"0.1\"}}";
    ToHub.Hello read = (ToHub.Hello) Json.read(hello, ToHub.class);
    assertThat(read.networks()).isNull();
    assertThat(read.addresses()).isNull();
    assertThat(read.offer().networked()).isEmpty();
    assertThat(read.offer().readdresses("process")).isFalse();
    assertThat(read.offer().hostInNetworks()).isFalse();

    assertThat(Json.write(order())).doesNotContain("network");
    assertThat(order().seats()).isEmpty();
    Order seated =
        new Order(
            RUN,
            order().workload(),
            Desired.RUN,
            1,
            0,
            0,
            order().authority(),
            "{}",
            false,
            List.of(new NetworkSeat(new NetworkId("n0123456789ab"), IpAddress.parse("10.7.0.2"))));
    assertThat(Json.read(Json.write(seated), Order.class)).isEqualTo(seated);
  }

  @Test
  void whatIsToldOfNetworksArrivesAsSent() throws Exception {
    NetworkId id = new NetworkId("n0123456789ab");
    ToProvider.Networks told =
        new ToProvider.Networks(
            List.of(
                new NetworkPush(
                    id,
                    1420,
                    Json.mapper().readTree("{\"name\":\"mynet\"}"),
                    Json.mapper().readTree("{\"from\":0,\"set\":[{\"id\":\"a\"}]}"),
                    "ZGV2aWNlcw==")),
            List.of(new NetworkId("n000000000001")),
            List.of(
                new NodeReach(new PeerId("12D3KooW" + "P".repeat(40)), List.of("192.0.2.1:7470"))));
    Wire wire = new Wire(new byte[0]);
    new MessageStream<ToHub, ToProvider>(wire, ToHub.class).send(told);
    assertThat(
            new MessageStream<ToProvider, ToHub>(
                    new Wire(wire.written.toByteArray()), ToProvider.class)
                .receive())
        .contains(told);
    ToHub.Networks standing =
        new ToHub.Networks(
            List.of(new NetworkStanding(id, 3, "a2V5", null, "ZG9vcg==", List.of("d1"))),
            List.of());
    assertThat(Json.read(Json.write((ToHub) standing), ToHub.class)).isEqualTo(standing);
    assertThat(told.toString()).doesNotContain("ZGV2aWNlcw");
    NetworkEgress.Sum sum = new NetworkEgress.Sum(1, 60, 2, 120, 3);
    ToHub.Egress egress =
        new ToHub.Egress(
            List.of(
                new NetworkEgress(
                    id,
                    Instant.EPOCH,
                    sum,
                    4,
                    List.of(new NetworkEgress.OfRule("allow tcp 9.9.9.9/32", 1, 60)),
                    List.of(new NetworkEgress.OfMember(RUN.toString(), sum)))));
    assertThat(Json.read(Json.write((ToHub) egress), ToHub.class)).isEqualTo(egress);
  }

  @Test
  void whoKnowsNoDevicesIsUnderstoodAndUnderstands() throws Exception {
    String before =
        """
        {"type":"networks","put":[{"network":"n0123456789ab","mtu":1420,"definition":{},\
        "change":{}}],"gone":[],"reach":[]}\
        """;
    ToProvider.Networks told = (ToProvider.Networks) Json.read(before, ToProvider.class);
    assertThat(told.put().getFirst().devices()).isNull();
    assertThat(Json.write((ToProvider) told)).doesNotContain("devices");
    String stood =
        """
        {"type":"networks","networks":[{"network":"n0123456789ab","version":3,"key":"a2V5"}]}\
        """;
    ToHub.Networks standing = (ToHub.Networks) Json.read(stood, ToHub.class);
    assertThat(standing.networks().getFirst().door()).isNull();
    assertThat(standing.networks().getFirst().devices()).isNull();
    assertThat(Json.write((ToHub) standing)).doesNotContain("door").doesNotContain("devices");
  }

  @Test
  void nonsenseIsAnErrorNeverAMessage() {
    for (String json :
        List.of(
            "{",
            "[]",
            "{\"type\":\"hello\"}",
            "{\"type\":\"reports\",\"runs\":[{}]}",
            "{\"type\":\"reports\"}",
            "{\"type\":\"networks\"}",
            "{\"type\":\"networks\",\"networks\":[{\"network\":\"n\",\"version\":1}]}",
            "{\"type\":\"networks\",\"networks\":[{\"version\":1}]}",
            "{\"type\":\"egress\",\"networks\":[{\"network\":\"n0123456789ab\"}]}",
            "{\"type\":\"egress\",\"networks\":[{\"network\":\"n0123456789ab\",\"rules\":[],"
                + "\"members\":[],\"since\":\"2026-01-01T00:00:00Z\",\"all\":{\"bytes\":-1}}]}",
            "{\"type\":\"heartbeat\",\"revision\":\"x\"}")) {
      MessageStream<ToHub, ToProvider> stream =
          new MessageStream<>(new Wire(frames(json)), ToHub.class);
      assertThatThrownBy(stream::receive).as(json).isInstanceOf(IOException.class);
    }
  }

  /// What this version says of a machine; the next has to understand it, and to say no less.
  @Test
  void machinesAreToldOfInTheseWords() throws Exception {
    String facts =
        "{\"cpu\":{\"architecture\":\"x86\",\"bits\":[32,64],\"cores\":4,\"model\":\"m\","
            + "\"threads\":8},\"disk\":9,\"diskAvailable\":8,\"diskFree\":7,"
            + "\"diskKind\":\"SSD\",\"gpus\":[{\"memory\":-1,\"renders\":true,\"vendor\":\"amd\"}],"
            + "\"hostname\":\"h\",\"kernel\":\"k\",\"memory\":6,\"memoryAvailable\":5,"
            + "\"memoryFree\":4,\"system\":\"s\",\"type\":\"facts\"}";
    String usage =
        "{\"cpu\":0.5,\"disk\":4,\"diskAvailable\":3,\"load\":[1.0,2.0,3.0],\"memory\":2,"
            + "\"memoryAvailable\":1,\"power\":\"MAINS\",\"type\":\"usage\","
            + "\"uptimeSeconds\":9}";
    String tasks =
        "{\"others\":1,\"running\":[{\"driver\":\"process\",\"reserved\":{\"cpuMillis\":1,"
            + "\"disk\":3,\"memory\":2},\"run\":\"1-7\",\"state\":\"RUNNING\","
            + "\"task\":\"t0123456789ab\"}],\"type\":\"tasks\"}";
    for (String recorded : List.of("{\"part\":\"FACTS\",\"type\":\"ask\"}", facts, usage, tasks)) {
      MachineMessage read = Json.read(recorded, MachineMessage.class);
      assertThat(Json.mapper().readTree(Json.write(read)))
          .isEqualTo(Json.mapper().readTree(recorded));
      String newer = recorded.replaceFirst("\\{", "{\"new\":[1],");
      assertThat(Json.read(newer, MachineMessage.class)).isEqualTo(read);
    }
  }

  @Test
  void damagedWordsOfMachinesEndTheStreamCleanly() {
    long seed = Long.getLong("atoll.fuzz.seed", System.nanoTime());
    int rounds = Integer.getInteger("atoll.fuzz.rounds", 2000);
    Random random = new Random(seed);
    byte[] whole =
        frames(
            "{\"type\":\"facts\",\"cpu\":{\"bits\":[64],\"cores\":1,\"threads\":2},\"disk\":1,"
                + "\"gpus\":[{\"vendor\":\"amd\",\"memory\":-1}]}",
            "{\"type\":\"tasks\",\"running\":[{\"task\":\"t0123456789ab\",\"run\":\"1-7\","
                + "\"state\":\"RUNNING\",\"reserved\":{\"cpuMillis\":1}}],\"others\":3}");
    for (int round = 0; round < rounds; round++) {
      byte[] bytes = whole.clone();
      for (int i = 0; i <= random.nextInt(4); i++) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(128);
      }
      MessageStream<MachineMessage, MachineMessage> stream =
          new MessageStream<>(new Wire(bytes), MachineMessage.class, MachineMessage.MAX_FRAME);
      try {
        while (stream.receive().isPresent()) {}
      } catch (IOException expected) {
        // what is damaged is refused as such
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed + " round " + round, e);
      }
    }
  }

  @Test
  void aFrameOverAnAgreedLimitIsNeitherReadNorSent() {
    byte[] over = {(byte) 0x81, (byte) 0x80, 0x40}; // 1 MiB and one
    MessageStream<MachineMessage, MachineMessage> stream =
        new MessageStream<>(new Wire(over), MachineMessage.class, MachineMessage.MAX_FRAME);
    assertThatThrownBy(stream::receive)
        .isInstanceOf(MalformedMessageException.class)
        .hasMessageContaining("over the limit");
    String huge = "x".repeat(MachineMessage.MAX_FRAME);
    assertThatThrownBy(() -> stream.send(new MachineMessage.Failed(huge, null, null)))
        .hasMessageContaining("over the frame limit");
  }

  @Test
  void aFrameOverTheLimitIsRefusedBeforeItIsRead() {
    byte[] huge = {(byte) 0xff, (byte) 0xff, (byte) 0xff, 0x7f};
    MessageStream<ToHub, ToProvider> stream = new MessageStream<>(new Wire(huge), ToHub.class);
    assertThatThrownBy(stream::receive).hasMessageContaining("over the limit");
  }

  @Test
  void randomBytesEndTheStreamCleanly() {
    long seed = Long.getLong("atoll.fuzz.seed", System.nanoTime());
    int rounds = Integer.getInteger("atoll.fuzz.rounds", 2000);
    Random random = new Random(seed);
    for (int round = 0; round < rounds; round++) {
      byte[] bytes = new byte[random.nextInt(200)];
      random.nextBytes(bytes);
      if (random.nextBoolean() && bytes.length > 0) {
        bytes[0] = (byte) (bytes.length - 1);
      }
      MessageStream<ToHub, ToProvider> stream = new MessageStream<>(new Wire(bytes), ToHub.class);
      DataInputStream output = new DataInputStream(new ByteArrayInputStream(bytes));
      try {
        while (stream.receive().isPresent()) {}
      } catch (IOException expected) {
        // what a stranger sent is refused as such
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed + " round " + round, e);
      }
      try {
        while (true) {
          OutputFrame.read(output);
        }
      } catch (IOException expected) {
        // the same for output
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed + " round " + round, e);
      }
    }
  }

  @Test
  void outputFramesReadBack() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    OutputChunk chunk =
        new OutputChunk(
            5, OutputChunk.Stream.STDERR, Instant.ofEpochSecond(7, 9), new byte[] {1, 2});
    List<OutputFrame> frames =
        List.of(
            new OutputFrame.Dropped(0, 5),
            new OutputFrame.Nothing(),
            new OutputFrame.Failed("NOT_FOUND", "no", "look"),
            new OutputFrame.End());
    OutputFrame.write(new OutputFrame.Chunk(chunk), out);
    for (OutputFrame frame : frames) {
      OutputFrame.write(frame, out);
    }
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes.toByteArray()));
    OutputChunk back = ((OutputFrame.Chunk) OutputFrame.read(in)).chunk();
    assertThat(back).usingRecursiveComparison().isEqualTo(chunk);
    for (OutputFrame frame : frames) {
      assertThat(OutputFrame.read(in)).isEqualTo(frame);
    }
  }

  @Test
  void theDigestTellsSetsApartAndNotTheirOrder() {
    Order one = order();
    Order other =
        new Order(
            new RunId(RUN.task(), RUN.epoch().next()),
            one.workload(),
            Desired.STOP,
            0,
            0,
            0,
            one.authority(),
            "{}");
    assertThat(DesiredDigest.of(List.of(one, other)))
        .isEqualTo(DesiredDigest.of(List.of(other, one)))
        .isNotEqualTo(DesiredDigest.of(List.of(one)));
  }

  private static Order order() {
    Workload workload =
        new Workload(
            "process",
            null,
            List.of("/bin/true"),
            Map.of("A", "1"),
            new Resources(100, 1 << 20, 0),
            10,
            List.of(),
            false,
            Workload.Isolation.SANDBOX);
    return new Order(
        RUN, workload, Desired.RUN, 10, 0, 0, new Authority("k1", List.of()), "{\"a\":1}");
  }

  private static byte[] frames(String... messages) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (String message : messages) {
      byte[] json = message.getBytes(StandardCharsets.UTF_8);
      bytes.write(json.length);
      bytes.writeBytes(json);
    }
    return bytes.toByteArray();
  }

  /// A stream that reads what it is given and keeps what is written.
  private static final class Wire implements Stream {
    private final ByteArrayInputStream in;
    final ByteArrayOutputStream written = new ByteArrayOutputStream();

    Wire(byte[] incoming) {
      in = new ByteArrayInputStream(incoming);
    }

    @Override
    public PeerId remote() {
      return new PeerId("12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA");
    }

    @Override
    public String protocol() {
      return ActivityProtocol.SESSION;
    }

    @Override
    public InputStream in() {
      return in;
    }

    @Override
    public OutputStream out() {
      return written;
    }

    @Override
    public void reset() {}

    @Override
    public void close() {}
  }
}
