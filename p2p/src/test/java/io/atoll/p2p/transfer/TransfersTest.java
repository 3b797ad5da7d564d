package io.atoll.p2p.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.CodedOutputStream;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.Identity;
import io.atoll.core.multiformat.Uvarint;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.HostConfig;
import io.atoll.p2p.host.P2p;
import io.atoll.p2p.host.Stream;
import io.atoll.p2p.transfer.Transfer.State;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class TransfersTest {
  private static final List<String> ANY = List.of("/ip4/127.0.0.1/tcp/0");
  private static final int MIB = 1 << 20;

  @TempDir Path temp;
  private Host alice;
  private Host bob;
  private Transfers sender;
  private Transfers receiver;
  private Path inbox;

  @BeforeEach
  void start() throws Exception {
    alice = P2p.start(HostConfig.of(Identity.generate(), ANY));
    bob = P2p.start(HostConfig.of(Identity.generate(), ANY));
    inbox = Files.createDirectory(temp.resolve("inbox"));
    sender = Transfers.open(temp.resolve("a"), alice, TransferLimits.defaults());
    receiver = Transfers.open(temp.resolve("b"), bob, TransferLimits.defaults().withOffers(5, 3));
  }

  @AfterEach
  void stop() {
    sender.close();
    receiver.close();
    alice.close();
    bob.close();
  }

  private Path file(String name, int size) throws IOException {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return Files.write(temp.resolve(name), bytes);
  }

  private Transfer send(Path file) {
    return sender.send(file, bob.id(), bob.listening());
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
      Thread.sleep(5);
    }
  }

  private void offered(String id) throws InterruptedException {
    await(() -> receiver.list().stream().anyMatch(t -> t.id().equals(id)));
  }

  private static Transfer ended(Transfers end, String id) throws InterruptedException {
    await(() -> end.get(id).state().ended());
    return end.get(id);
  }

  private List<String> inInbox() throws IOException {
    try (var files = Files.list(inbox)) {
      return files.map(f -> String.valueOf(f.getFileName())).sorted().toList();
    }
  }

  private void arrived(Path file, String id) throws Exception {
    Transfer there = ended(receiver, id);
    assertThat(there.state()).as(there.detail()).isEqualTo(State.DONE);
    assertThat(ended(sender, id).state()).isEqualTo(State.DONE);
    assertThat(Files.mismatch(file, there.file())).isEqualTo(-1);
  }

  @Test
  void aFileArrivesOnceItIsAccepted() throws Exception {
    for (int size : new int[] {0, 1, 3 * MIB + 7}) {
      Path file = file("some file " + size, size);
      Transfer sent = send(file);
      offered(sent.id());
      await(() -> sender.get(sent.id()).state() == State.OFFERED);
      Transfer offer = receiver.get(sent.id());
      assertThat(offer.name()).isEqualTo("some file " + size);
      assertThat(offer.size()).isEqualTo(size);
      assertThat(offer.peer()).isEqualTo(alice.id());
      assertThat(inInbox()).doesNotContain("some file " + size);
      assertThat(temp.resolve("b/in")).isEmptyDirectory();
      receiver.accept(sent.id(), inbox);
      arrived(file, sent.id());
      receiver.remove(sent.id());
      assertThat(inInbox()).contains("some file " + size).noneMatch(n -> n.startsWith("."));
    }
  }

  @Test
  void theSameCallAgainGoesOn() throws Exception {
    Path file = file("again", 1000);
    Transfer first = send(file);
    assertThat(send(file).id()).isEqualTo(first.id());
    offered(first.id());
    receiver.accept(first.id(), inbox);
    arrived(file, first.id());
    assertThat(send(file).id()).isNotEqualTo(first.id());
  }

  @Test
  void lostConnectionsAndRestartsOnBothSidesAreSurvived() throws Exception {
    Path file = file("long", 40 * MIB);
    Transfer sent = send(file);
    offered(sent.id());
    receiver.accept(sent.id(), inbox);
    await(() -> receiver.get(sent.id()).done() > 2 * MIB);
    alice.disconnect(bob.id());
    long before = receiver.get(sent.id()).done();
    await(() -> receiver.get(sent.id()).done() > Math.max(before, 10 * MIB));
    receiver.close();
    receiver = Transfers.open(temp.resolve("b"), bob, TransferLimits.defaults());
    assertThat(receiver.get(sent.id()).done()).isGreaterThanOrEqualTo(before);
    await(() -> receiver.get(sent.id()).done() > 15 * MIB);
    sender.close();
    sender = Transfers.open(temp.resolve("a"), alice, TransferLimits.defaults());
    arrived(file, sent.id());
    assertThat(inInbox()).containsExactly("long");
  }

  @Test
  void anOfferIsRefusedOrWithdrawn() throws Exception {
    Transfer refused = send(file("refused", 10));
    offered(refused.id());
    receiver.remove(refused.id());
    Transfer end = ended(sender, refused.id());
    assertThat(end.code()).isEqualTo(ErrorCode.DENIED);
    assertThat(end.detail()).contains("refused by its owner");
    Transfer withdrawn = send(file("withdrawn", 10));
    offered(withdrawn.id());
    sender.remove(withdrawn.id());
    await(() -> receiver.list().isEmpty());
    assertThat(sender.get(withdrawn.id()).state()).isEqualTo(State.FAILED);
    sender.remove(withdrawn.id());
    assertThatThrownBy(() -> sender.get(withdrawn.id()))
        .isInstanceOfSatisfying(
            AtollException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND));
    assertThat(inInbox()).isEmpty();
  }

  @Test
  void aSourceThatChangesIsNotSent() throws Exception {
    Path file = file("changing", 30 * MIB);
    Transfer sent = send(file);
    offered(sent.id());
    receiver.accept(sent.id(), inbox);
    await(() -> receiver.get(sent.id()).done() > MIB);
    Files.write(file, new byte[] {1, 2, 3});
    Transfer end = ended(sender, sent.id());
    assertThat(end.code()).isEqualTo(ErrorCode.CONFLICT);
    assertThat(end.detail()).contains("was changed");
    Transfer there = ended(receiver, sent.id());
    assertThat(there.code()).isEqualTo(ErrorCode.CONFLICT);
    await(
        () -> {
          try {
            return inInbox().isEmpty();
          } catch (IOException e) {
            return false;
          }
        });
  }

  @Test
  void whatIsThereIsNeverOverwritten() throws Exception {
    Path file = file("taken", 20 * MIB);
    Transfer sent = send(file);
    offered(sent.id());
    Files.writeString(inbox.resolve("taken"), "mine");
    assertThatThrownBy(() -> receiver.accept(sent.id(), inbox))
        .isInstanceOfSatisfying(
            AtollException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT));
    Files.delete(inbox.resolve("taken"));
    receiver.accept(sent.id(), inbox);
    Files.writeString(inbox.resolve("taken"), "mine");
    arrived(file, sent.id());
    assertThat(inInbox()).containsExactly("taken", "taken.1");
    assertThat(Files.readString(inbox.resolve("taken"))).isEqualTo("mine");
  }

  @Test
  void aPeerThatIsNotThereIsTriedAndThenGivenUp() throws Exception {
    sender.close();
    sender =
        Transfers.open(
            temp.resolve("a2"),
            alice,
            TransferLimits.defaults().withPatience(Duration.ofSeconds(1), Duration.ofSeconds(1)));
    Transfer sent =
        sender.send(file("lonely", 10), Identity.generate().id(), List.of("/ip4/127.0.0.1/tcp/1"));
    await(() -> sender.get(sent.id()).detail().contains("/ip4/127.0.0.1/tcp/1"));
    Transfer end = ended(sender, sent.id());
    assertThat(end.code()).isEqualTo(ErrorCode.UNREACHABLE);
  }

  // What follows speaks the protocol by hand, as somebody who means no good.

  private Wire raw() throws Exception {
    alice.connect(bob.id(), bob.listening(), Duration.ofSeconds(10));
    Stream stream = alice.open(bob.id(), Transfers.PROTOCOL);
    return new Wire(stream.in(), stream.out());
  }

  private static Offer offer(int number, String name, long size, byte[] content) throws Exception {
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(content);
    return new Offer("%032x".formatted(number), name, size, Offer.hex(hash));
  }

  private String only() throws InterruptedException {
    await(() -> receiver.list().stream().anyMatch(t -> t.state() == State.OFFERED));
    return receiver.list().stream()
        .filter(t -> t.state() == State.OFFERED)
        .findFirst()
        .orElseThrow()
        .id();
  }

  private static void data(Wire wire, byte[] content) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(Wire.HEAD + content.length).position(Wire.HEAD);
    wire.writeData(buffer.put(content).position(Wire.HEAD));
  }

  private static ErrorCode refusal(Wire wire) throws IOException {
    Message said = wire.read();
    assertThat(said).isInstanceOf(Message.Refuse.class);
    return ((Message.Refuse) said).code();
  }

  @Test
  void wrongBytesAreAskedForOnceMoreAndThenRefused() throws Exception {
    byte[] right = {1, 2, 3};
    Wire wire = raw();
    wire.write(new Message.Offered(offer(1, "wrong", 3, right)));
    assertThat(wire.read()).isEqualTo(new Message.Pending());
    String id = only();
    receiver.accept(id, inbox);
    assertThat(wire.read()).isEqualTo(new Message.Accept(0));
    data(wire, new byte[] {1, 2, 4});
    wire.write(new Message.End(Offer.hex(new byte[32])));
    assertThat(wire.read()).isEqualTo(new Message.Accept(0));
    data(wire, new byte[] {1, 2, 4});
    wire.write(new Message.End(Offer.hex(new byte[32])));
    assertThat(refusal(wire)).isEqualTo(ErrorCode.CONFLICT);
    assertThat(ended(receiver, id).detail()).contains("SHA-256");
    assertThat(inInbox()).isEmpty();
  }

  @Test
  void aSizeThatLiesEndsIt() throws Exception {
    for (int sent : new int[] {2, 4}) {
      Wire wire = raw();
      wire.write(new Message.Offered(offer(sent, "lie", 3, new byte[] {1, 2, 3})));
      assertThat(wire.read()).isEqualTo(new Message.Pending());
      receiver.accept(only(), inbox);
      assertThat(wire.read()).isEqualTo(new Message.Accept(0));
      data(wire, new byte[sent]);
      wire.write(new Message.End(Offer.hex(new byte[32])));
      assertThat(refusal(wire)).isEqualTo(ErrorCode.BAD_REQUEST);
      await(() -> receiver.list().stream().allMatch(t -> t.state() == State.FAILED));
      assertThat(inInbox()).isEmpty();
    }
  }

  @Test
  void moreThanTheDiskHoldsIsRefusedBeforeAnythingIsWritten() throws Exception {
    Wire wire = raw();
    wire.write(new Message.Offered(offer(1, "huge", Offer.LARGEST, new byte[0])));
    assertThat(wire.read()).isEqualTo(new Message.Pending());
    String id = only();
    assertThatThrownBy(() -> receiver.accept(id, inbox))
        .isInstanceOfSatisfying(
            AtollException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DISK_FULL));
    assertThat(receiver.get(id).state()).isEqualTo(State.OFFERED);
    assertThat(inInbox()).isEmpty();
  }

  @Test
  void offersAreBoundedAndDataBeforeAcceptanceEndsTheStream() throws Exception {
    for (int i = 0; i < 3; i++) {
      Wire wire = raw();
      wire.write(new Message.Offered(offer(i, "n" + i, 1, new byte[] {1})));
      assertThat(wire.read()).isEqualTo(new Message.Pending());
    }
    Wire wire = raw();
    wire.write(new Message.Offered(offer(9, "n9", 1, new byte[] {1})));
    assertThat(refusal(wire)).isEqualTo(ErrorCode.TOO_MANY_REQUESTS);
    Wire eager = raw();
    eager.write(new Message.Offered(offer(1, "n1", 1, new byte[] {1})));
    assertThat(eager.read()).isEqualTo(new Message.Pending());
    data(eager, new byte[] {1});
    assertThatThrownBy(eager::read).isInstanceOf(IOException.class);
    assertThat(inInbox()).isEmpty();
    assertThat(temp.resolve("b/in")).isEmptyDirectory();
  }

  @Test
  void namesThatLeadElsewhereAreRefused() throws Exception {
    for (String name :
        List.of(
            "../x", "/etc/passwd", "..", ".", "", "a/b", "a\\b", "a\nb", "\u001b[2J", "x\u202e")) {
      alice.connect(bob.id(), bob.listening(), Duration.ofSeconds(10));
      try (Stream stream = alice.open(bob.id(), Transfers.PROTOCOL)) {
        stream.out().write(unchecked(name));
        assertThat(refusal(new Wire(stream.in(), stream.out())))
            .as(name)
            .isEqualTo(ErrorCode.BAD_REQUEST);
      }
    }
    assertThat(receiver.list()).isEmpty();
  }

  /// The frame of an offer that no `Offer` can be.
  private static byte[] unchecked(String name) throws IOException {
    var inner = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(inner);
    out.writeByteArray(1, new byte[16]);
    out.writeString(2, name);
    out.writeUInt64(3, 1);
    out.writeByteArray(4, new byte[32]);
    out.flush();
    var frame = new ByteArrayOutputStream();
    Uvarint.write(frame, 2 + inner.size());
    frame.write(1 << 3 | 2);
    Uvarint.write(frame, inner.size());
    frame.writeBytes(inner.toByteArray());
    return frame.toByteArray();
  }
}
