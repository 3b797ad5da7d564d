package io.atoll.daemon.provider;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.os.TunDevice;
import io.atoll.core.term.MacAddress;
import io.atoll.core.term.NetworkId;
import io.atoll.daemon.network.NetworkDesk;
import io.atoll.daemon.network.NetworkDesk.Known;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.CardEnd;
import io.atoll.runtime.driver.Driver;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.NetworkCard;
import io.atoll.runtime.driver.Networked;
import io.atoll.runtime.driver.PutsInNetworks;
import io.atoll.runtime.driver.Readdressable;
import io.atoll.vpn.network.Member;
import io.atoll.vpn.port.Offload;
import io.atoll.vpn.port.PacketPort;
import io.atoll.vpn.port.TunPort;
import io.atoll.vpn.port.UnixDatagramPort;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The cables of one run: each card's end on this machine goes into a port of its network's switch.
/// What cannot be connected yet is tried again as long as the payload is there.
final class RunCables implements Cables {
  private static final Logger LOG = LoggerFactory.getLogger(RunCables.class);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final NetworkDesk desk;
  private final ActivitySpec spec;

  // Guarded by this.

  /// Who the payload is, by network, where there are news of it.
  private final Map<NetworkId, Member> members = new HashMap<>();

  /// By network, the card that the payload is known to have.
  private final Map<NetworkId, NetworkCard> had = new HashMap<>();

  /// What it should have, and could not be given yet.
  private final Set<NetworkCard> failed = new HashSet<>();

  private final Map<NetworkId, NetworkCard> open = new HashMap<>();
  private @Nullable Activity activity;
  private boolean over;
  private boolean moving;

  RunCables(NetworkDesk desk, ActivitySpec spec) {
    this.desk = desk;
    this.spec = spec;
    spec.cards().forEach(card -> open.put(card.network(), card));
  }

  @Override
  public void check(Driver driver) throws DriverException {
    boolean can =
        driver instanceof PutsInNetworks able && able.networks() != PutsInNetworks.Ability.NONE;
    if (!can) {
      throw new DriverException(
          ErrorCode.DRIVER_CANNOT,
          "the driver " + driver.name() + " puts no task into private networks here",
          "take another driver, or leave --net out; `atoll doctor` on that node says what is"
              + " missing");
    }
  }

  @Override
  public void plug(Activity begun, boolean found) {
    synchronized (this) {
      activity = begun;
      if (found) {
        lookAtAll();
      }
    }
    if (!tryAll(begun)) {
      Thread.ofVirtual().name("cables " + spec.id()).start(() -> keepTrying(begun));
    }
    follow();
  }

  private void keepTrying(Activity begun) {
    try {
      do {
        Thread.sleep(PAUSE);
      } while (!tryAll(begun));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// @return whether nothing is left to try
  private boolean tryAll(Activity begun) {
    for (NetworkCard card : spec.cards()) {
      synchronized (this) {
        if (over) {
          return true;
        }
        if (!open.containsKey(card.network())) {
          continue;
        }
      }
      try {
        connect(begun, card);
      } catch (DriverException e) {
        LOG.debug("{} is not in network {} yet: {}", spec.id(), card.network(), e.text());
        if (e.code() == ErrorCode.CONFLICT || e.code() == ErrorCode.NOT_FOUND) {
          // It has ended, or has no such card: there is nothing to wait for.
          forget(card.network());
        }
      } catch (IOException e) {
        LOG.warn("{} is not in network {} yet: {}", spec.id(), card.network(), e.getMessage());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return true;
      }
    }
    synchronized (this) {
      return over || open.isEmpty();
    }
  }

  private synchronized void forget(NetworkId network) {
    open.remove(network);
  }

  private void connect(Activity begun, NetworkCard card)
      throws DriverException, IOException, InterruptedException {
    if (!(begun instanceof Networked networked)) {
      throw new DriverException(
          ErrorCode.NOT_FOUND, "the payload of " + spec.id() + " has no cards", "");
    }
    boolean ethernet;
    PacketPort port;
    switch (networked.end(card.network())) {
      case CardEnd.Device(var descriptor) -> {
        ethernet = false;
        port = TunPort.of(TunDevice.received(descriptor), card.mtu(), EnumSet.allOf(Offload.class));
      }
      case CardEnd.Frames(var here, var guest) -> {
        ethernet = true;
        port = UnixDatagramPort.open(here, guest, card.mtu());
      }
    }
    MacAddress mac = ethernet ? card.mac() : null;
    synchronized (this) {
      if (over) {
        port.close();
        return;
      }
      if (desk.attach(card.network(), spec.id().toString(), port, mac)) {
        open.remove(card.network());
      } else {
        port.close();
      }
    }
  }

  @Override
  public void moved(NetworkId network, Member member) {
    synchronized (this) {
      members.put(network, member);
      lookAtAll(); // the way out may now be by another card
    }
    follow();
  }

  /// Each card has news of its member, if only those of before. Called with the monitor held.
  private void lookAtAll() {
    for (NetworkCard card : spec.cards()) {
      Known known = desk.known(card.network());
      Member there = known == null ? null : known.membership().members().get(spec.id().toString());
      if (there != null) {
        members.putIfAbsent(card.network(), there);
      }
    }
  }

  /// Gives the payload the addresses that its members have, and the way out that there is, on a
  /// thread of its own.
  private synchronized void follow() {
    if (activity instanceof Readdressable && !moving && !over && !members.isEmpty()) {
      moving = true;
      Thread.ofVirtual().name("addresses " + spec.id()).start(this::readdress);
    }
  }

  private void readdress() {
    while (true) {
      boolean done = true;
      Map<NetworkId, Member> wanted;
      Activity live;
      synchronized (this) {
        wanted = Map.copyOf(members);
        live = activity;
        members.clear();
        if (wanted.isEmpty() || over) {
          moving = false;
          return;
        }
      }
      for (NetworkCard card : spec.cards()) {
        Member member = wanted.get(card.network());
        if (member != null && live instanceof Readdressable able) {
          boolean leaves = card.network().equals(wayOut());
          done &= readdress(able, card.at(member.v4(), member.v6()).leaving(leaves), member);
        }
      }
      if (!done) {
        try {
          Thread.sleep(PAUSE);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          synchronized (this) {
            moving = false;
          }
          return;
        }
      }
    }
  }

  /// The first of its networks that lets anything out from here.
  private @Nullable NetworkId wayOut() {
    return spec.cards().stream()
        .map(NetworkCard::network)
        .filter(desk::leaves)
        .findFirst()
        .orElse(null);
  }

  /// @return false if it has to be tried again
  private boolean readdress(Readdressable able, NetworkCard card, Member member) {
    synchronized (this) {
      if (card.equals(had.get(card.network()))) {
        return true;
      }
    }
    try {
      able.readdress(card);
      synchronized (this) {
        had.put(card.network(), card);
        failed.remove(card);
      }
      return true;
    } catch (DriverException e) {
      if (e.code() == ErrorCode.CONFLICT || e.code() == ErrorCode.NOT_FOUND) {
        LOG.debug("{} has no card in network {}: {}", spec.id(), card.network(), e.text());
        return true;
      }
      synchronized (this) {
        members.putIfAbsent(card.network(), member);
        if (failed.add(card)) {
          LOG.warn(
              "{} keeps its address and its way out in network {} until the next try: {} {}",
              spec.id(),
              card.network(),
              e.text(),
              e.hint());
        }
      }
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  @Override
  public void unplug() {
    synchronized (this) {
      over = true;
    }
    for (NetworkCard card : spec.cards()) {
      desk.detach(card.network(), spec.id().toString());
    }
  }
}
