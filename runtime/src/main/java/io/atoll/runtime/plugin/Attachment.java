package io.atoll.runtime.plugin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;

/// How a payload is attached to one virtual network. The daemon makes what is named here before it
/// asks for the attachment, and removes it once the run is destroyed.
public sealed interface Attachment {
  /// The word that users know the network by.
  String network();

  /// Frames of the payload's interface go over this socket, as QEMU's `stream` netdev has them: u32
  /// length, then the frame.
  record UnixSocket(String network, Path socket, String mac) implements Attachment {}

  /// An interface of the host that the payload's is to be.
  record Tap(String network, String device, String mac) implements Attachment {}

  /// The payload is to run in this network namespace, in which everything is set up.
  record Namespace(String network, Path path) implements Attachment {}

  /// As the protocol has it.
  default ObjectNode json() {
    ObjectNode json = PluginLink.params().put("network", network());
    return switch (this) {
      case UnixSocket(_, Path socket, String mac) ->
          json.put("kind", "unixSocket").put("path", socket.toString()).put("mac", mac);
      case Tap(_, String device, String mac) ->
          json.put("kind", "tap").put("device", device).put("mac", mac);
      case Namespace(_, Path path) -> json.put("kind", "namespace").put("path", path.toString());
    };
  }
}
