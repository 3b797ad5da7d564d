package io.atoll.p2p.gossip.machine;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import io.atoll.core.crypto.PublicKey;
import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import java.io.IOException;
import java.nio.ByteBuffer;

/// A published message. Its bytes are kept as they came: they are passed on unchanged, and what is
/// not understood in them was signed too.
///
/// @param from the author's multihash
/// @param seqno eight bytes, big-endian, that grow with each message of an author
/// @param key the author's public key; empty where its id holds it
public record GossipMessage(
    ByteString bytes,
    ByteString from,
    ByteString data,
    ByteString seqno,
    String topic,
    ByteString signature,
    ByteString key) {
  static final int MAX_TOPIC = 256;
  private static final ByteString PREFIX = ByteString.copyFromUtf8("libp2p-pubsub:");
  private static final int BYTES = 2;
  private static final int SIGNATURE = 5;
  private static final int KEY = 6;

  /// A message of this node.
  public static GossipMessage sign(Identity author, String topic, ByteString data, long seqno) {
    ByteString from = ByteString.copyFrom(author.id().bytes());
    ByteString number = ByteString.copyFrom(ByteBuffer.allocate(8).putLong(seqno).array());
    ByteString unsigned = encode(from, data, number, topic, ByteString.EMPTY);
    ByteString signature = ByteString.copyFrom(author.sign(PREFIX.concat(unsigned).toByteArray()));
    return decode(encode(from, data, number, topic, signature));
  }

  static ByteString encode(
      ByteString from, ByteString data, ByteString seqno, String topic, ByteString signature) {
    ByteString.Output bytes = ByteString.newOutput(data.size() + 200);
    try {
      CodedOutputStream out = CodedOutputStream.newInstance(bytes);
      out.writeBytes(1, from);
      out.writeBytes(2, data);
      out.writeBytes(3, seqno);
      out.writeString(4, topic);
      if (!signature.isEmpty()) {
        out.writeBytes(SIGNATURE, signature);
      }
      out.flush();
    } catch (IOException e) {
      throw new IllegalStateException("memory does not fail", e);
    }
    return bytes.toByteString();
  }

  /// @throws IllegalArgumentException if it is malformed
  public static GossipMessage decode(ByteString bytes) {
    ByteString from = ByteString.EMPTY;
    ByteString data = ByteString.EMPTY;
    ByteString seqno = ByteString.EMPTY;
    ByteString topic = ByteString.EMPTY;
    ByteString signature = ByteString.EMPTY;
    ByteString key = ByteString.EMPTY;
    try {
      CodedInputStream in = bytes.newCodedInput();
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        switch (tag) {
          case 1 << 3 | BYTES -> from = in.readBytes();
          case 2 << 3 | BYTES -> data = in.readBytes();
          case 3 << 3 | BYTES -> seqno = in.readBytes();
          case 4 << 3 | BYTES -> topic = in.readBytes();
          case SIGNATURE << 3 | BYTES -> signature = in.readBytes();
          case KEY << 3 | BYTES -> key = in.readBytes();
          default -> in.skipField(tag);
        }
      }
    } catch (IOException e) {
      throw new IllegalArgumentException("gossip: not a message", e);
    }
    if (topic.size() > MAX_TOPIC || !topic.isValidUtf8()) {
      throw new IllegalArgumentException(
          "gossip: a topic of " + topic.size() + " bytes, or no text");
    }
    return new GossipMessage(bytes, from, data, seqno, topic.toStringUtf8(), signature, key);
  }

  public MessageId id() {
    return new MessageId(from.concat(seqno));
  }

  /// Whether it has the form that the strict policy wants: author, number, signature.
  public boolean wellFormed() {
    return from.size() >= 34
        && from.size() <= 64
        && seqno.size() == 8
        && !signature.isEmpty()
        && !topic.isEmpty();
  }

  /// The author.
  ///
  /// @throws IllegalArgumentException if that is no peer id
  public PeerId author() {
    return PeerId.of(from.toByteArray());
  }

  /// Whether the author signed it.
  public boolean signed() {
    try {
      PeerId author = author();
      PublicKey by =
          PublicKey.decode(
              key.isEmpty() && from.byteAt(0) == 0
                  ? from.substring(2).toByteArray()
                  : key.toByteArray());
      return PeerId.of(by).equals(author)
          && by.verify(signedPart().toByteArray(), signature.toByteArray());
    } catch (IllegalArgumentException | IOException notEvenAKey) {
      return false;
    }
  }

  /// All fields but the signature and the key, in the order and form in which they came.
  private ByteString signedPart() throws IOException {
    ByteString.Output kept = ByteString.newOutput(bytes.size() + PREFIX.size());
    PREFIX.writeTo(kept);
    CodedInputStream in = bytes.newCodedInput();
    int begin = 0;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      in.skipField(tag);
      int end = in.getTotalBytesRead();
      if (tag >>> 3 != SIGNATURE && tag >>> 3 != KEY) {
        bytes.substring(begin, end).writeTo(kept);
      }
      begin = end;
    }
    return kept.toByteString();
  }

  @Override
  public String toString() {
    return "GossipMessage[" + topic + ", " + data.size() + " bytes]";
  }
}
