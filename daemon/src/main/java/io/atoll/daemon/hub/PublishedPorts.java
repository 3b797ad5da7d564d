package io.atoll.daemon.hub;

import io.atoll.client.api.TaskView;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Endpoint;
import io.atoll.core.term.Port;
import io.atoll.core.term.RunId;
import io.atoll.daemon.store.RunRow;
import io.atoll.p2p.host.Host;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where the published ports of runs are reached: at their node, or here where nobody from outside
/// reaches the node. What is not decided yet counts as at the node.
///
/// Whether a node is reached is found out by trying from here, once for each port of a run. Only
/// ports of TCP can be tried; one of UDP goes the way that those go.
final class PublishedPorts implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PublishedPorts.class);
  private static final int TRY_MILLIS = 3000;
  private static final int TRIES = 3;
  private static final int PAUSE_MILLIS = 1000;
  private static final int FIRST_PORT = 30_000;
  private static final int PORTS = 10_000;

  private final PeerId self;
  private final PortStreams streams;
  private volatile @Nullable InetAddress bind;
  private volatile String shownHost = "";

  // Under the lock of this object.
  private final Map<RunId, Map<Port, PortDoor>> doors = new HashMap<>();
  private final Map<RunId, List<Endpoint>> tried = new HashMap<>();
  private boolean closed;

  PublishedPorts(Host host) {
    this.self = host.id();
    this.streams = new PortStreams(host);
  }

  /// Nothing opens before.
  ///
  /// @param newHost how callers reach the address
  void openAt(InetAddress newBind, String newHost) {
    shownHost = newHost;
    bind = newBind;
  }

  /// A run changed. Never blocks.
  void follow(RunRow run) {
    if (run.ended()) {
      forget(run.id());
      return;
    }
    synchronized (this) {
      if (closed
          || bind == null
          || run.endpoints().isEmpty()
          || run.endpoints().equals(tried.get(run.id()))) {
        return;
      }
      tried.put(run.id(), run.endpoints());
    }
    if (!run.node().equals(self)) {
      Thread.ofVirtual().name("ports of " + run.id()).start(() -> decide(run));
    }
  }

  private void decide(RunRow run) {
    try {
      boolean direct = false;
      List<Endpoint> unreached = new ArrayList<>();
      for (Endpoint endpoint : run.endpoints()) {
        if (endpoint.port().protocol() == Port.Protocol.TCP && reached(endpoint)) {
          direct = true;
        } else {
          unreached.add(endpoint);
        }
      }
      for (Endpoint endpoint : unreached) {
        if (!direct || endpoint.port().protocol() == Port.Protocol.TCP) {
          open(run, endpoint);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean reached(Endpoint endpoint) throws InterruptedException {
    InetSocketAddress address = new InetSocketAddress(endpoint.host(), endpoint.hostPort());
    InetAddress host = address.getAddress();
    if (host == null || host.isLoopbackAddress() || host.isAnyLocalAddress()) {
      return false; // Of another machine: here it is somebody else's.
    }
    for (int i = 0; i < TRIES; i++) {
      try (Socket socket = new Socket()) {
        socket.connect(address, TRY_MILLIS);
        return true;
      } catch (IOException e) {
        log.debug("{} is not reached from here", endpoint, e);
        Thread.sleep(PAUSE_MILLIS);
      }
    }
    return false;
  }

  private void open(RunRow run, Endpoint endpoint) {
    InetAddress at = bind;
    if (at == null) {
      return;
    }
    try {
      PortDoor door = opened(at, run, endpoint.port());
      synchronized (this) {
        if (!closed && tried.containsKey(run.id())) {
          PortDoor before =
              doors.computeIfAbsent(run.id(), _ -> new HashMap<>()).put(endpoint.port(), door);
          if (before != null) {
            before.close();
          }
          return;
        }
      }
      door.close(); // The run has ended meanwhile.
    } catch (IOException e) {
      log.warn("port {} of {} cannot be opened here: {}", endpoint.port(), run.id(), e.toString());
    }
  }

  /// Where it can, at the same port as before a restart.
  private PortDoor opened(InetAddress at, RunRow run, Port port) throws IOException {
    int usual = FIRST_PORT + Math.floorMod((run.id().task() + "/" + port).hashCode(), PORTS);
    try {
      return opened(new InetSocketAddress(at, usual), run, port);
    } catch (IOException taken) {
      return opened(new InetSocketAddress(at, 0), run, port);
    }
  }

  private PortDoor opened(InetSocketAddress at, RunRow run, Port port) throws IOException {
    TcpPortDoor.Dial dial = () -> streams.open(run.node(), run.id(), port);
    return port.protocol() == Port.Protocol.TCP
        ? TcpPortDoor.open(at, dial)
        : UdpPortDoor.open(at, dial);
  }

  private void forget(RunId run) {
    Map<Port, PortDoor> of;
    synchronized (this) {
      tried.remove(run);
      of = doors.remove(run);
    }
    if (of != null) {
      of.values().forEach(PortDoor::close);
    }
  }

  /// A task as callers see it: with its ports where they are reached.
  synchronized TaskView shown(TaskView task, RunId run) {
    Map<Port, PortDoor> here = doors.getOrDefault(run, Map.of());
    List<Endpoint> endpoints = new ArrayList<>();
    List<Port> proxied = new ArrayList<>();
    for (Endpoint endpoint : task.endpoints()) {
      PortDoor door = here.get(endpoint.port());
      if (door == null) {
        endpoints.add(endpoint);
      } else {
        endpoints.add(new Endpoint(endpoint.port(), shownHost, door.port()));
        proxied.add(endpoint.port());
      }
    }
    return task.reachedAt(endpoints, proxied);
  }

  @Override
  public void close() {
    List<PortDoor> all = new ArrayList<>();
    synchronized (this) {
      closed = true;
      doors.values().forEach(of -> all.addAll(of.values()));
      doors.clear();
    }
    all.forEach(PortDoor::close);
  }
}
