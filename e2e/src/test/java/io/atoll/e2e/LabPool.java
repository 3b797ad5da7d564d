package io.atoll.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.atoll.client.api.TaskAddress;
import io.atoll.client.api.TaskRequest;
import io.atoll.client.api.TaskView;
import io.atoll.core.json.Json;
import io.atoll.core.os.NetworkNamespace;
import io.atoll.core.term.IpAddress;
import io.atoll.runtime.docker.DockerEngine;
import io.atoll.runtime.docker.LoopbackRegistry;
import io.atoll.runtime.docker.TestImages;
import io.atoll.runtime.microvm.TestGuests;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A hub and providers, each on a machine of its own of a [NetworkLab], and a machine without a
/// daemon; what runs where in a network that all of them share. The usual ones:
///
/// ```
///   hub ──┐
///   p1 ───┤          processes
///   p2 ───┼ router   containers
///   p3 ───┤          microVMs, machines
///   away ─┘          nothing of ours
/// ```
final class LabPool implements AutoCloseable {
  /// Where each node takes packets of networks.
  static final int PORT = 51820;

  /// The machine that has no part in it.
  static final String AWAY = "away";

  private static final int API = 7750;
  private static final Duration PATIENT = Duration.ofMinutes(5);

  /// Who is in a network.
  ///
  /// @param host its full name there
  record Member(
      String name,
      String driver,
      String node,
      String task,
      IpAddress v4,
      IpAddress v6,
      String host) {
    /// As `member check` wants it.
    String word() {
      return host + "," + v4 + "," + v6;
    }
  }

  /// A provider.
  ///
  /// @param drivers that it offers
  /// @param options of its `up`, besides those for the drivers
  /// @param within words that its daemon is started with, before those of the JVM
  record Provider(String name, List<String> drivers, List<String> options, List<String> within) {
    Provider(String name, String... drivers) {
      this(name, List.of(drivers), List.of(), List.of());
    }
  }

  /// Makes the image of containers and microVMs, of busybox and what else is needed.
  interface ImageMaker {
    void make(String name) throws Exception;
  }

  final NetworkLab lab;
  private final List<Provider> nodes;
  private final List<AutoCloseable> doors = new ArrayList<>();
  private Pool pool;
  private CommandLine cli;
  private String image;
  private final StaticProgram member = StaticProgram.compile("member");
  private final StaticProgram stranger = StaticProgram.compile("stranger");
  private final Path tools;

  private LabPool(Path folder, List<Provider> nodes) throws IOException, InterruptedException {
    this.nodes = nodes;
    List<String> places = new ArrayList<>(List.of("hub"));
    nodes.forEach(node -> places.add(node.name()));
    places.add(AWAY);
    this.lab = new NetworkLab(places.toArray(String[]::new));
    this.tools = stranger.into(folder);
  }

  /// @param machines whether p3 has whole machines, too
  static LabPool start(
      Path folder, DockerEngine engine, LoopbackRegistry registry, boolean machines)
      throws Exception {
    Provider third = machines ? new Provider("p3", "microvm", "vm") : new Provider("p3", "microvm");
    return start(
        folder,
        engine,
        registry,
        List.of(new Provider("p1", "process"), new Provider("p2", "docker"), third),
        name -> TestImages.make(engine, name));
  }

  static LabPool start(
      Path folder,
      DockerEngine engine,
      LoopbackRegistry registry,
      List<Provider> nodes,
      ImageMaker maker)
      throws Exception {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    TestGuests.settings(folder.resolve("guest")); // makes what guests boot
    LabPool made = new LabPool(folder, nodes);
    try {
      made.image = registry.name("lab:1");
      maker.make(made.image);
      engine.docker("push", "-q", made.image);
      made.open(folder, engine, registry);
      return made;
    } catch (Exception | AssertionError e) {
      made.close();
      throw e;
    }
  }

  private void open(Path folder, DockerEngine engine, LoopbackRegistry registry) throws Exception {
    DaemonProcess hub =
        new DaemonProcess(
                folder.resolve("hub"),
                List.of(
                    "--hub",
                    "--api",
                    "127.0.0.1:" + API,
                    "--listen",
                    "/ip4/" + lab.address("hub") + "/tcp/7464"),
                lab.within("hub"))
            .start();
    NamespaceDoor door = door(NamespaceDoor.HERE, 0, lab.place("hub"), API);
    String api = "http://127.0.0.1:" + door.port();
    pool = new Pool(hub, () -> api);
    cli = new CommandLine(DaemonProcess.java(), Map.of("ATOLL_HUB", api, "ATOLL_KEY", hub.key()));
    for (Provider node : nodes) {
      // Who fetches an image finds the registry where its name says.
      door(lab.place(node.name()), registry.port(), NamespaceDoor.HERE, registry.port());
      List<String> options =
          new ArrayList<>(
              List.of(
                  "--api",
                  "127.0.0.1:" + api(node.name()),
                  "--listen",
                  "/ip4/0.0.0.0/tcp/7464",
                  "--net-port",
                  "" + PORT,
                  "--share-cpus",
                  "8"));
      for (String driver : node.drivers()) {
        options.addAll(
            switch (driver) {
              case "process" -> List.<String>of();
              case "docker" -> List.of("--docker-socket", engine.address().getPath());
              default -> List.of("--" + driver);
            });
      }
      options.addAll(node.options());
      List<String> within = new ArrayList<>(lab.within(node.name()));
      within.addAll(node.within());
      pool.join(folder.resolve(node.name()), within, options);
    }
    pool.awaitOnline(nodes.size());
    for (Provider node : nodes) {
      boolean machines = node.drivers().contains("vm");
      if (machines) {
        Machines.offer(provider(node.name()));
      }
      node.drivers().forEach(driver -> offers(node.name(), driver));
      if (machines) {
        Machines.warm(pool, provider(node.name()));
      }
    }
  }

  private NamespaceDoor door(Path from, int port, Path to, int target)
      throws IOException, InterruptedException {
    NamespaceDoor door = new NamespaceDoor(from, port, to, target);
    doors.add(door);
    return door;
  }

  private void offers(String node, String driver) {
    await()
        .atMost(PATIENT)
        .pollInterval(Duration.ofMillis(500))
        .until(() -> pool.client.node(node).drivers().contains(driver));
  }

  Pool pool() {
    return pool;
  }

  /// The daemon of a provider.
  DaemonProcess provider(String node) {
    return pool.providers.get(number(node));
  }

  private int number(String node) {
    return nodes.stream().map(Provider::name).toList().indexOf(node);
  }

  // A port for each: what asks keeps connections by their address, whichever machine they are on.
  private int api(String node) {
    return API + 1 + number(node);
  }

  /// @param cidr null = any
  void network(String name, @Nullable String cidr) throws Exception {
    List<String> words = new ArrayList<>(List.of("net", "create", name));
    if (cidr != null) {
      words.addAll(List.of("--cidr", cidr));
    }
    command(words.toArray(String[]::new));
  }

  /// Runs a command of the owner of all this; what it printed.
  String command(String... words) throws Exception {
    CommandLine.Result said = cli.run(words);
    assertThat(said.status()).as("%s: %s%s", List.of(words), said.out(), said.err()).isZero();
    return said.out();
  }

  /// Starts who is to be a member; both programs lie in `/tmp` when its script begins there.
  ///
  /// @param address null = any
  Member join(
      String name,
      String driver,
      String node,
      String network,
      @Nullable String address,
      String script)
      throws Exception {
    Map<String, Object> request = new LinkedHashMap<>();
    boolean machine = driver.equals("vm");
    if (!driver.equals("process")) {
      request.put("image", machine ? Machines.IMAGE : image);
    }
    Map<String, String> seat = new HashMap<>(Map.of("network", network));
    if (address != null) {
      seat.put("address", address);
    }
    request.put("name", name);
    request.put("driver", driver);
    request.put("node", node);
    request.put("networks", List.of(seat));
    request.put("cpus", "1");
    request.put("memory", machine ? Machines.MEMORY : "128Mi");
    request.put("grace", "1s");
    String whole =
        member.script() + "; " + stranger.script().replace("mkdir -p /tmp; ", "") + "; " + script;
    request.put("command", List.of("/bin/sh", "-c", whole));
    TaskRequest wanted = Json.mapper().convertValue(request, TaskRequest.class);
    TaskView made = pool.client.create(wanted, UUID.randomUUID().toString());
    TaskAddress at = made.addresses().getFirst();
    return new Member(name, driver, node, made.id().text(), at.v4(), at.v6(), at.host());
  }

  /// Waits until a member has said something.
  void awaitSaid(Member who, String what) {
    await()
        .atMost(PATIENT)
        .pollInterval(Duration.ofMillis(300))
        .until(() -> said(who).contains(what) || over(who));
    assertThat(saidNow(who)).as("%s: %s", who.name(), pool.client.task(who.task())).contains(what);
  }

  private boolean over(Member who) {
    return pool.client.task(who.task()).state().ended();
  }

  String said(Member who) throws InterruptedException {
    return pool.written(who.task());
  }

  private String saidNow(Member who) {
    try {
      return said(who);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }

  /// Runs a command beside a member; what it printed.
  String beside(Member who, String... words) throws Exception {
    List<String> all = new ArrayList<>(List.of("exec", who.task(), "--"));
    all.addAll(List.of(words));
    CommandLine.Result done = cli.run(all.toArray(String[]::new));
    assertThat(done.status()).as("%s: %s%s", who.name(), done.out(), done.err()).isZero();
    return done.out();
  }

  /// Lets somebody on a machine look for members, from outside of all networks.
  String stranger(String machine, String... words) throws Exception {
    List<String> all = new ArrayList<>(List.of(tools.toString()));
    all.addAll(List.of(words));
    return lab.inside(machine, all.toArray(String[]::new));
  }

  /// The same on the wire towards a machine.
  String strangerOnRouter(String... words) throws Exception {
    List<String> all = new ArrayList<>(List.of(tools.toString()));
    all.addAll(List.of(words));
    return lab.onRouter(all.toArray(String[]::new));
  }

  /// What a provider counts, by the name of the meter with its tags.
  double metric(String node, String name) throws IOException, InterruptedException {
    String all =
        NetworkNamespace.inside(
            lab.place(node),
            () -> {
              URLConnection asked =
                  URI.create("http://127.0.0.1:" + api(node) + "/metrics").toURL().openConnection();
              asked.setRequestProperty("Connection", "close");
              try (InputStream in = asked.getInputStream()) {
                return new String(in.readAllBytes(), StandardCharsets.UTF_8);
              }
            });
    return all.lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow(() -> new AssertionError("there is no " + name + " in\n" + all));
  }

  void stop(Member who) throws InterruptedException {
    pool.client.stop(who.task());
    pool.client.task(who.task(), Duration.ofSeconds(60));
  }

  @Override
  public void close() {
    try {
      if (pool != null) {
        for (TaskView task : pool.client.tasks(false, null, 100).tasks()) {
          pool.client.stop(task.id().text());
          pool.client.task(task.id().text(), Duration.ofSeconds(60));
        }
      }
    } catch (RuntimeException e) {
      System.err.println("tasks of the test were not ended: " + e.getMessage());
    } finally {
      if (pool != null) {
        pool.close();
      }
      for (AutoCloseable door : doors) {
        try {
          door.close();
        } catch (Exception e) {
          System.err.println("a door stays open: " + e.getMessage());
        }
      }
      lab.close();
    }
  }
}
