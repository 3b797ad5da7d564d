package io.atoll.vpn.wireguard;

import io.atoll.core.term.Cidr;
import io.atoll.vpn.wireguard.crypto.AeadSuite;
import io.atoll.vpn.wireguard.crypto.PresharedKey;
import io.atoll.vpn.wireguard.crypto.PrivateKey;
import io.atoll.vpn.wireguard.crypto.PublicKey;
import io.atoll.vpn.wireguard.noise.CookieJar;
import io.atoll.vpn.wireguard.noise.Message;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.BooleanSupplier;

/// What this side does with stock WireGuard in the namespaces of `wireguard.sh`, one thing after
/// the other; prints a line for each that went well, and ends with the first that did not.
public final class StockPeer {
  private static final List<Cidr> INSIDE =
      List.of(Cidr.parse("10.7.0.2/32"), Cidr.parse("fd00:7::2/128"));

  private final Path folder;
  private final PublicKey stock;
  private final PrivateKey own = PrivateKey.random(new SecureRandom());
  private final Engine engine;
  private final RoamingPaths paths;
  private final LocalIdentity identity;
  private volatile UdpPort port;
  private Peer peer;
  private int number;

  private StockPeer(Path folder, PublicKey stock) throws Exception {
    this.folder = folder;
    this.stock = stock;
    this.paths = new RoamingPaths((datagram, to) -> port.send(datagram, to));
    this.engine = new Engine(EngineClock.SYSTEM, new SecureRandom(), AeadSuite.choose(), paths);
    this.identity = engine.add(own);
    this.port = new UdpPort(engine, identity, 7464);
    this.peer = engine.add(identity, PeerSettings.of(stock, INSIDE));
    EngineThread.start(engine, EngineClock.SYSTEM);
  }

  public static void main(String[] arguments) throws Exception {
    new StockPeer(Path.of(arguments[0]), PublicKey.parse(arguments[1])).run();
    System.out.println("done");
    System.exit(0);
  }

  private void run() throws Exception {
    stockKnowsUs("");
    paths.endpoint(peer, new InetSocketAddress("192.0.2.2", 51820));
    check("we begin, IPv4", echoed(InnerPackets.echo4(++number)));
    check("IPv6 inside", echoed(InnerPackets.echo6(++number)));
    check("they begin", theyBegin(""));
    presharedKeys();
    newKeysUnderLoad();
    moves();
    theyAreFlooded();
    weAreFlooded();
  }

  private void presharedKeys() throws Exception {
    byte[] secret = new byte[32];
    new SecureRandom().nextBytes(secret);
    String text = java.util.Base64.getEncoder().encodeToString(secret);
    Files.writeString(folder.resolve("psk"), text);
    String option = " preshared-key " + folder.resolve("psk");
    PresharedKey preshared = PresharedKey.parse(text);
    engine.update(peer, new PeerSettings(stock, preshared, INSIDE, Duration.ZERO));
    boolean theirs = theyBegin(option);
    long sessions = peer.sessions();
    engine.rekey(peer);
    boolean ours = soon(() -> peer.sessions() > sessions) && echoed(InnerPackets.echo4(++number));
    check("pre-shared key", theirs && ours);

    secret[0] ^= 1;
    PresharedKey other = new PresharedKey(secret);
    engine.update(peer, new PeerSettings(stock, other, INSIDE, Duration.ZERO));
    long refused = engine.counted(Outcome.WRONG_ANSWER);
    engine.rekey(peer);
    check(
        "another pre-shared key is refused",
        soon(() -> engine.counted(Outcome.WRONG_ANSWER) > refused));
    engine.update(peer, PeerSettings.of(stock, INSIDE));
    forgetUs();
    anew();
    stockKnowsUs("");
  }

  /// Two hundred echoes a second, and five sessions while they go.
  private void newKeysUnderLoad() throws Exception {
    boolean first = echoed(InnerPackets.echo4(++number));
    // Stock WireGuard takes no two initiations of a peer within 20 ms.
    Thread.sleep(100);
    long sessions = peer.sessions();
    long before = port.replies();
    int sent = 0;
    for (int round = 1; round <= 5; round++) {
      engine.rekey(peer);
      for (int i = 0; i < 60; i++) {
        port.send(InnerPackets.echo4(++number));
        sent++;
        Thread.sleep(5);
      }
    }
    int all = sent;
    check(
        "new keys under load",
        first && soon(() -> port.replies() - before == all) && peer.sessions() == sessions + 5);
  }

  private void moves() throws Exception {
    port.close();
    port = new UdpPort(engine, identity, 7999);
    boolean ours = echoed(InnerPackets.echo4(++number));
    check("we move", ours && wg("show wg0 endpoints").contains("192.0.2.1:7999"));
    wg("set wg0 listen-port 51999");
    boolean theirs = stockSends();
    InetSocketAddress there = new InetSocketAddress("192.0.2.2", 51999);
    check("they move", theirs && paths.endpoint(peer).filter(there::equals).isPresent());
    paths.endpoint(peer, new InetSocketAddress("fd99::2", 51999));
    boolean six = echoed(InnerPackets.echo4(++number)) && stockSends();
    check("IPv6 outside", six && wg("show wg0 endpoints").contains("[fd99::1]:7999"));
    paths.endpoint(peer, new InetSocketAddress("192.0.2.2", 51999));
  }

  private void theyAreFlooded() throws Exception {
    boolean[] over = new boolean[1];
    Thread flood = flood(over, stock, new InetSocketAddress("192.0.2.2", 51999), 300, 10);
    Thread.sleep(500);
    long sessions = peer.sessions();
    engine.rekey(peer);
    boolean session = within(60, () -> peer.sessions() > sessions);
    boolean cookie = engine.counted(Outcome.COOKIE_TAKEN) > 0;
    over[0] = true;
    flood.join();
    check("they ask for a cookie under a flood", session && cookie);
    check("and all is well after it", echoed(InnerPackets.echo4(++number)));
  }

  private void weAreFlooded() throws Exception {
    PublicKey last = own.publicKey();
    for (int i = 0; i < 200; i++) {
      last = engine.add(PrivateKey.random(new SecureRandom())).publicKey();
    }
    boolean[] over = new boolean[1];
    Thread flood = flood(over, last, new InetSocketAddress("192.0.2.1", 7999), 20, 5);
    Thread.sleep(1000);
    anew();
    long cookies = engine.counted(Outcome.COOKIE_GIVEN);
    boolean asked = within(10, () -> engine.counted(Outcome.COOKIE_GIVEN) > cookies);
    forgetUs();
    stockKnowsUs(" persistent-keepalive 1");
    boolean session = within(40, () -> peer.sessions() > 0);
    over[0] = true;
    flood.join();
    check(
        "we ask for a cookie under a flood, with 200 networks",
        session && asked && echoed(InnerPackets.echo4(++number)));
  }

  /// So many initiations each few milliseconds, right but for who sends them.
  private static Thread flood(
      boolean[] over, PublicKey to, InetSocketAddress address, int burst, int pause)
      throws Exception {
    CookieJar stamps = new CookieJar(AeadSuite.choose(), to);
    DatagramChannel[] senders = new DatagramChannel[8];
    for (int i = 0; i < senders.length; i++) {
      senders[i] = DatagramChannel.open();
    }
    return Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              Random random = new Random(1);
              try {
                while (!over[0]) {
                  for (int i = 0; i < burst; i++) {
                    byte[] noise = new byte[108];
                    random.nextBytes(noise);
                    byte[] message = new Message.Initiation(random.nextInt(), noise).bytes();
                    stamps.stamp(0, message);
                    senders[i % senders.length].send(ByteBuffer.wrap(message), address);
                  }
                  Thread.sleep(pause);
                }
              } catch (Exception e) {
                System.out.println("the flood ended: " + e);
              }
            });
  }

  /// Both sides forget the session; the other's next packet begins one.
  private boolean theyBegin(String options) throws Exception {
    forgetUs();
    PeerSettings settings = peer.settings;
    engine.remove(peer);
    peer = engine.add(identity, settings);
    stockKnowsUs(options);
    return stockSends() && peer.sessions() == 1;
  }

  private void anew() {
    PeerSettings settings = peer.settings;
    engine.remove(peer);
    peer = engine.add(identity, settings);
    paths.endpoint(peer, new InetSocketAddress("192.0.2.2", port.number() == 7464 ? 51820 : 51999));
  }

  private void forgetUs() throws Exception {
    wg("set wg0 peer " + own.publicKey() + " remove");
  }

  private void stockKnowsUs(String options) throws Exception {
    wg(
        "set wg0 peer "
            + own.publicKey()
            + " allowed-ips 10.7.0.1/32,fd00:7::1/128 endpoint 192.0.2.1:"
            + port.number()
            + options);
  }

  /// The kernel of the other side sends UDP through the tunnel, and gets it back.
  private boolean stockSends() throws Exception {
    String program =
        "import socket;s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM);s.settimeout(8);"
            + "s.sendto(b'through',('10.7.0.1',7));print(s.recv(99))";
    return stock("python3", "-c", program).contains("through");
  }

  private boolean echoed(byte[] packet) throws Exception {
    long before = port.replies();
    port.send(packet);
    return soon(() -> port.replies() > before);
  }

  private String wg(String words) throws Exception {
    String[] parts = ("wg " + words).split(" ");
    return stock(parts);
  }

  private static String stock(String... command) throws Exception {
    List<String> words = new java.util.ArrayList<>(List.of("ip", "netns", "exec", "stock"));
    words.addAll(List.of(command));
    Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes());
    if (process.waitFor() != 0) {
      throw new AssertionError(String.join(" ", words) + ": " + said);
    }
    return said;
  }

  private static boolean soon(BooleanSupplier what) throws InterruptedException {
    return within(8, what);
  }

  private static boolean within(int seconds, BooleanSupplier what) throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
    while (!what.getAsBoolean()) {
      if (System.nanoTime() > end) {
        return false;
      }
      Thread.sleep(5);
    }
    return true;
  }

  private void check(String what, boolean good) {
    System.out.println((good ? "good: " : "BAD: ") + what);
    if (!good) {
      for (Outcome outcome : Outcome.values()) {
        if (engine.counted(outcome) > 0) {
          System.out.println("  " + outcome + " " + engine.counted(outcome));
        }
      }
      System.out.println(Objects.toString(paths.endpoint(peer)));
      System.exit(1);
    }
  }
}
