package io.atoll.p2p.gossip.machine;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// RPCs as protobuf, without the length before them.
public final class RpcCodec {
  /// As go-libp2p: 1 MiB, and a little for what is around a message.
  public static final int MAX_RPC = (1 << 20) + 4096;

  private static final int MAX_IDS = 5000;
  private static final int MAX_ENTRIES = 1024;
  private static final int MAX_ID = 128;
  private static final int MAX_SUGGESTIONS = 64;
  private static final int MAX_RECORD = 8 << 10;
  private static final int BYTES = 2;

  private RpcCodec() {}

  private interface Fields {
    void write(CodedOutputStream out) throws IOException;
  }

  private static byte[] message(Fields fields) {
    ByteString.Output bytes = ByteString.newOutput();
    try {
      CodedOutputStream out = CodedOutputStream.newInstance(bytes);
      fields.write(out);
      out.flush();
    } catch (IOException e) {
      throw new IllegalStateException("memory does not fail", e);
    }
    return bytes.toByteString().toByteArray();
  }

  public static byte[] encode(Rpc rpc) {
    return message(
        out -> {
          for (Rpc.Subscription subscription : rpc.subscriptions()) {
            out.writeByteArray(
                1,
                message(
                    inner -> {
                      inner.writeBool(1, subscription.subscribe());
                      inner.writeString(2, subscription.topic());
                    }));
          }
          for (GossipMessage published : rpc.publish()) {
            out.writeBytes(2, published.bytes());
          }
          byte[] control = message(inner -> writeControl(inner, rpc));
          if (control.length > 0) {
            out.writeByteArray(3, control);
          }
        });
  }

  private static void writeControl(CodedOutputStream out, Rpc rpc) throws IOException {
    for (Rpc.IHave ihave : rpc.ihave()) {
      out.writeByteArray(
          1,
          message(
              inner -> {
                inner.writeString(1, ihave.topic());
                writeIds(inner, 2, ihave.ids());
              }));
    }
    if (!rpc.iwant().isEmpty()) {
      out.writeByteArray(2, message(inner -> writeIds(inner, 1, rpc.iwant())));
    }
    for (String topic : rpc.graft()) {
      out.writeByteArray(3, message(inner -> inner.writeString(1, topic)));
    }
    for (Rpc.Prune prune : rpc.prune()) {
      out.writeByteArray(4, message(inner -> writePrune(inner, prune)));
    }
    if (!rpc.idontwant().isEmpty()) {
      out.writeByteArray(5, message(inner -> writeIds(inner, 1, rpc.idontwant())));
    }
  }

  private static void writePrune(CodedOutputStream out, Rpc.Prune prune) throws IOException {
    out.writeString(1, prune.topic());
    for (Rpc.Suggestion peer : prune.peers()) {
      out.writeByteArray(
          2,
          message(
              inner -> {
                inner.writeBytes(1, peer.id());
                if (!peer.record().isEmpty()) {
                  inner.writeBytes(2, peer.record());
                }
              }));
    }
    if (prune.backoffSeconds() > 0) {
      out.writeUInt64(3, prune.backoffSeconds());
    }
  }

  private static void writeIds(CodedOutputStream out, int field, List<MessageId> ids)
      throws IOException {
    for (MessageId id : ids) {
      out.writeBytes(field, id.bytes());
    }
  }

  /// @throws IllegalArgumentException if it is malformed, or says more than a peer has to say
  public static Rpc decode(byte[] bytes) {
    if (bytes.length > MAX_RPC) {
      throw new IllegalArgumentException("gossip: an RPC of " + bytes.length + " bytes");
    }
    var reader = new Reader();
    try {
      reader.rpc(CodedInputStream.newInstance(bytes));
    } catch (IOException e) {
      throw new IllegalArgumentException("gossip: not an RPC", e);
    }
    return reader.whole();
  }

  private static final class Reader {
    private final List<Rpc.Subscription> subscriptions = new ArrayList<>();
    private final List<GossipMessage> publish = new ArrayList<>();
    private final List<Rpc.IHave> ihave = new ArrayList<>();
    private final List<MessageId> iwant = new ArrayList<>();
    private final List<String> graft = new ArrayList<>();
    private final List<Rpc.Prune> prune = new ArrayList<>();
    private final List<MessageId> idontwant = new ArrayList<>();
    private int ids;

    Rpc whole() {
      return new Rpc(subscriptions, publish, ihave, iwant, graft, prune, idontwant);
    }

    void rpc(CodedInputStream in) throws IOException {
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        switch (tag) {
          case 1 << 3 | BYTES -> subscription(in.readBytes().newCodedInput());
          case 2 << 3 | BYTES -> limited(publish).add(GossipMessage.decode(in.readBytes()));
          case 3 << 3 | BYTES -> control(in.readBytes().newCodedInput());
          default -> in.skipField(tag);
        }
      }
    }

    private void subscription(CodedInputStream in) throws IOException {
      boolean subscribe = false;
      String topic = "";
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        switch (tag) {
          case 1 << 3 -> subscribe = in.readBool();
          case 2 << 3 | BYTES -> topic = topic(in);
          default -> in.skipField(tag);
        }
      }
      limited(subscriptions).add(new Rpc.Subscription(subscribe, topic));
    }

    private void control(CodedInputStream in) throws IOException {
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        switch (tag) {
          case 1 << 3 | BYTES -> ihave(in.readBytes().newCodedInput());
          case 2 << 3 | BYTES -> ids(in.readBytes().newCodedInput(), 1, iwant);
          case 3 << 3 | BYTES -> graft(in.readBytes().newCodedInput());
          case 4 << 3 | BYTES -> prune(in.readBytes().newCodedInput());
          case 5 << 3 | BYTES -> ids(in.readBytes().newCodedInput(), 1, idontwant);
          default -> in.skipField(tag);
        }
      }
    }

    private void ihave(CodedInputStream in) throws IOException {
      List<MessageId> named = new ArrayList<>();
      String topic = ids(in, 2, named);
      limited(ihave).add(new Rpc.IHave(topic, named));
    }

    /// Reads ids, and the topic, which has the first field where ids have the second.
    private String ids(CodedInputStream in, int field, List<MessageId> into) throws IOException {
      String topic = "";
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        if (tag == (field << 3 | BYTES)) {
          ByteString id = in.readBytes();
          // What is beyond the limit is left out, as if it had not been said.
          if (ids < MAX_IDS && id.size() <= MAX_ID) {
            ids++;
            into.add(new MessageId(id));
          }
        } else if (tag == (1 << 3 | BYTES)) {
          topic = topic(in);
        } else {
          in.skipField(tag);
        }
      }
      return topic;
    }

    private void graft(CodedInputStream in) throws IOException {
      String topic = "";
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        if (tag == (1 << 3 | BYTES)) {
          topic = topic(in);
        } else {
          in.skipField(tag);
        }
      }
      limited(graft).add(topic);
    }

    private void prune(CodedInputStream in) throws IOException {
      String topic = "";
      List<Rpc.Suggestion> peers = new ArrayList<>();
      long backoff = 0;
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        switch (tag) {
          case 1 << 3 | BYTES -> topic = topic(in);
          case 2 << 3 | BYTES -> {
            Rpc.Suggestion peer = suggestion(in.readBytes().newCodedInput());
            if (peers.size() < MAX_SUGGESTIONS) {
              peers.add(peer);
            }
          }
          case 3 << 3 -> backoff = in.readUInt64();
          default -> in.skipField(tag);
        }
      }
      limited(prune).add(new Rpc.Prune(topic, peers, backoff));
    }

    private static Rpc.Suggestion suggestion(CodedInputStream in) throws IOException {
      ByteString id = ByteString.EMPTY;
      ByteString record = ByteString.EMPTY;
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        switch (tag) {
          case 1 << 3 | BYTES -> id = in.readBytes();
          case 2 << 3 | BYTES -> record = in.readBytes();
          default -> in.skipField(tag);
        }
      }
      if (id.size() > MAX_ID || record.size() > MAX_RECORD) {
        throw new IllegalArgumentException(
            "gossip: a suggested peer of " + record.size() + " bytes");
      }
      return new Rpc.Suggestion(id, record);
    }

    private static String topic(CodedInputStream in) throws IOException {
      ByteString topic = in.readBytes();
      if (topic.size() > GossipMessage.MAX_TOPIC || !topic.isValidUtf8()) {
        throw new IllegalArgumentException(
            "gossip: a topic of " + topic.size() + " bytes, or no text");
      }
      return topic.toStringUtf8();
    }

    private static <T> List<T> limited(List<T> list) {
      if (list.size() == MAX_ENTRIES) {
        throw new IllegalArgumentException(
            "gossip: more than " + MAX_ENTRIES + " entries of a kind");
      }
      return list;
    }
  }
}
