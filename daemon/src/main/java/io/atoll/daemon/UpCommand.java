package io.atoll.daemon;

import static io.atoll.daemon.UpSettings.flag;
import static io.atoll.daemon.UpSettings.text;
import static io.atoll.daemon.UpSettings.wrong;

import io.atoll.client.api.Build;
import io.atoll.client.cli.Command;
import io.atoll.client.cli.Context;
import io.atoll.client.config.Setting;
import io.atoll.client.config.Settings;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.os.Native;
import io.atoll.core.term.ByteSize;
import io.atoll.core.term.Invite;
import io.atoll.core.term.Resources;
import io.atoll.daemon.DaemonSettings.Machines;
import io.atoll.runtime.driver.Fingerprint.Finding;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

@CommandLine.Command(
    name = "up",
    header = "Run this machine's daemon: hub, provider, or both.",
    description = {
      "",
      "Without --hub and --provider it is both. It says what it bound once it is ready, and runs until"
          + " it is stopped; what it runs goes on without it, and is found again."
    },
    footer = {
      "  atoll up",
      "  atoll up --provider --join atoll-invite-…",
      "  atoll up --p2p-bootstrap /ip4/192.0.2.7/tcp/7464/p2p/12D3KooW…",
      "  atoll up --hub --api 127.0.0.1:0 --listen /ip4/127.0.0.1/tcp/0 -o json"
    })
final class UpCommand extends Command {
  private static final Duration CLOSING_PATIENCE = Duration.ofMillis(1500);

  @Option(names = "--hub", description = "Be a hub.")
  boolean hub;

  @Option(names = "--provider", description = "Be a provider.")
  boolean provider;

  @Option(
      names = "--api",
      paramLabel = "HOST:PORT",
      description = "Where the API is served; port 0 = any free one. Default: 127.0.0.1:7465.")
  @Nullable String api;

  @Option(
      names = "--join",
      paramLabel = "INVITE",
      description = "Join the hub that gave this invite. May be given more than once.")
  List<String> invites = new ArrayList<>();

  @Option(names = "--name", paramLabel = "NAME", description = "What people call this node.")
  @Nullable String name;

  @Option(names = "--share-cpus", paramLabel = "N", description = "Cores to offer. Default: all.")
  @Nullable String cpus;

  @Option(
      names = "--share-memory",
      paramLabel = "SIZE",
      description = "Memory to offer. Default: three quarters.")
  @Nullable String memory;

  @Option(
      names = "--share-disk",
      paramLabel = "SIZE",
      description = "Disk to offer. Default: half of what is free.")
  @Nullable String disk;

  @Option(
      names = "--allow-unsandboxed",
      description = "Hubs may run tasks here without a sandbox. Never by default.")
  boolean bare;

  @Option(
      names = "--allow-egress",
      description = "Tasks may reach other networks and publish ports. Never by default.")
  boolean egress;

  @Option(
      names = "--net-port",
      paramLabel = "PORT",
      description =
          "Port of UDP for packets of private networks. Default: any, and the same at each start.")
  @Nullable String netPort;

  @Option(
      names = "--net-host",
      description =
          "This machine itself may be a member of private networks that have all providers in them,"
              + " by an interface of its own: needs root. Never by default.")
  boolean netHost;

  @Option(
      names = "--relay-packets",
      paramLabel = "true|false",
      description =
          "Pass packets of private networks on between nodes that do not reach each other, unread."
              + " Default: a hub does, a provider does not.")
  @Nullable String relayPackets;

  @Option(
      names = "--docker-socket",
      paramLabel = "FILE",
      description = "Socket of the container engine.")
  @Nullable String docker;

  @Option(
      names = "--microvm",
      description =
          "Offer container images in virtual machines of their own, too: needs QEMU. Whether it works"
              + " is tried in the background, for up to a minute or two.")
  boolean microvm;

  @Option(
      names = "--vm",
      description =
          "Offer whole virtual machines from cloud images, too: needs QEMU, and an image that"
              + " `atoll image build debian-12` makes.")
  boolean vm;

  @Option(
      names = "--vm-boot",
      description =
          "Boot each virtual machine from its image. Without it they are, in a fraction of the time,"
              + " copies of a template, which is made at the first start of a size.")
  boolean vmBoot;

  @Option(
      names = "--registry",
      paramLabel = "HOST[/FOLDER]",
      description = "Where images are whose names say no registry; names of one word in FOLDER.")
  @Nullable String registry;

  @Option(
      names = "--runtime",
      paramLabel = "NAME=PROGRAM",
      description =
          "A program that keeps runs and is no part of Atoll, as driver NAME; it is started when it is"
              + " needed, and goes on without the daemon. May be given more than once.")
  List<String> runtimes = new ArrayList<>();

  @Option(
      names = "--payment-rpc",
      paramLabel = "URL",
      description =
          "Works for payment only: Ethereum JSON-RPC of the chain where a hub's or a peer's payment is"
              + " looked up.")
  @Nullable String paymentRpc;

  @Option(
      names = "--payment-to",
      paramLabel = "ADDRESS",
      description = "Who has to be paid, with --payment-rpc (anybody).")
  @Nullable String paymentTo;

  @Option(
      names = "--payment-least",
      paramLabel = "WEI",
      description = "How much has to be paid, with --payment-rpc (0).")
  @Nullable String paymentLeast;

  @ArgGroup(exclusive = false, heading = "%nAmong peers:%n")
  PeerOptions peers = new PeerOptions();

  @ArgGroup(
      exclusive = false,
      heading = "%nWhat stays the owner's, on a provider. Paused tasks go on where they were:%n")
  OwnerOptions owner = new OwnerOptions();

  @Override
  protected int run(Context context) throws Exception {
    DaemonSettings settings = settings(context);
    if (settings.provider() && Native.linux()) {
      needSupervisor(settings.supervisor());
    }
    CountDownLatch stop = new CountDownLatch(1);
    CountDownLatch stopped = new CountDownLatch(1);
    StopSignals.handle(() -> endSoon(stop));
    Daemon daemon = Daemon.startOnceThereIsRoom(settings, Build.version());
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .name("stop")
                .unstarted(
                    () -> {
                      stop.countDown();
                      awaitQuietly(stopped);
                    }));
    say(context, daemon.bound(), settings);
    stop.await();
    daemon.close();
    stopped.countDown();
    return 0;
  }

  /// All that was acknowledged is on disk; what is slow to close, or still starts, has nothing to
  /// lose.
  private static void endSoon(CountDownLatch stop) {
    stop.countDown();
    try {
      Thread.sleep(CLOSING_PATIENCE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(0);
  }

  private static void needSupervisor(Path program) throws InterruptedException {
    Finding found = SupervisorProgram.tried(program);
    if (found.level() == Finding.Level.MISSING) {
      throw new AtollException(
          ErrorCode.START_FAILED,
          "a provider cannot work without the supervisor: " + found.cause(),
          found.remedy());
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void say(Context context, Daemon.Bound bound, DaemonSettings settings) {
    if (context.json()) {
      context.printJson(bound);
      return;
    }
    String roles =
        settings.hub() && settings.provider()
            ? "hub and provider"
            : settings.hub() ? "hub" : "provider";
    context.print(settings.name() + " is up as " + roles);
    context.print("  peer   " + bound.peerId());
    bound.listen().forEach(address -> context.print("  listen " + address));
    context.print("  api    " + bound.api());
    context.print("  data   " + bound.dataDir());
  }

  private DaemonSettings settings(Context context) {
    Map<String, String> flags = new HashMap<>();
    put(flags, UpSettings.API, api);
    put(flags, UpSettings.NAME, name);
    put(flags, UpSettings.CPUS, cpus);
    put(flags, UpSettings.MEMORY, memory);
    put(flags, UpSettings.DISK, disk);
    put(flags, UpSettings.BARE, bare ? "true" : null);
    put(flags, UpSettings.EGRESS, egress ? "true" : null);
    put(flags, UpSettings.DOCKER, docker);
    put(flags, UpSettings.MICROVM, microvm ? "true" : null);
    put(flags, UpSettings.VM, vm ? "true" : null);
    put(flags, UpSettings.VM_BOOT, vmBoot ? "true" : null);
    put(flags, UpSettings.REGISTRY, registry);
    put(flags, UpSettings.RUNTIMES, runtimes.isEmpty() ? null : String.join(" ", runtimes));
    put(flags, PaymentSettings.RPC, paymentRpc);
    put(flags, PaymentSettings.TO, paymentTo);
    put(flags, PaymentSettings.LEAST, paymentLeast);
    put(flags, NetSettings.PORT, netPort);
    put(flags, NetSettings.HOST, netHost ? "true" : null);
    put(flags, NetSettings.RELAY, relayPackets);
    peers.into(flags);
    owner.into(flags);
    Settings said = context.settings(flags);
    Path dataDir = context.dataDir();
    return new DaemonSettings(
        dataDir,
        hub || !provider,
        provider || !hub,
        address(said),
        PeerSettings.of(said),
        invites(),
        nodeName(said),
        share(said, dataDir),
        flag(said, UpSettings.BARE),
        flag(said, UpSettings.EGRESS),
        UpSettings.file(said, UpSettings.DOCKER),
        flag(said, UpSettings.MICROVM),
        machines(said),
        text(said, UpSettings.REGISTRY),
        UpSettings.runtimes(said),
        Map.of(),
        OwnerSettings.rules(said),
        OwnerSettings.thresholds(said),
        PaymentSettings.terms(said),
        NetSettings.of(said),
        SupervisorProgram.ofThisInstallation());
  }

  private static Machines machines(Settings said) {
    return !flag(said, UpSettings.VM)
        ? Machines.NONE
        : flag(said, UpSettings.VM_BOOT) ? Machines.BOOTED : Machines.CLONED;
  }

  private static void put(Map<String, String> flags, Setting setting, @Nullable String value) {
    if (value != null) {
      flags.put(setting.name(), value);
    }
  }

  private List<String> invites() {
    if (!invites.isEmpty() && hub && !provider) {
      throw usage("--join is for a provider: leave --hub out, or add --provider");
    }
    invites.forEach(Invite::parse); // so that a bad one is told before anything starts
    return invites;
  }

  private static String nodeName(Settings settings) {
    String said = text(settings, UpSettings.NAME);
    if (!said.isEmpty()) {
      if (!said.matches("[A-Za-z0-9][A-Za-z0-9.-]{0,62}")) {
        throw wrong(settings, UpSettings.NAME, "use up to 63 letters, digits, dots and hyphens");
      }
      return said;
    }
    try {
      String host = InetAddress.getLocalHost().getHostName();
      return host.matches("[A-Za-z0-9][A-Za-z0-9.-]{0,62}") ? host : "node";
    } catch (UnknownHostException e) {
      return "node";
    }
  }

  private static InetSocketAddress address(Settings settings) {
    String said = text(settings, UpSettings.API);
    int colon = said.lastIndexOf(':');
    try {
      String host = said.substring(0, Math.max(colon, 0)).replaceAll("[\\[\\]]", "");
      int port = Integer.parseInt(said.substring(colon + 1));
      return new InetSocketAddress(InetAddress.getByName(host), port);
    } catch (IllegalArgumentException | UnknownHostException e) {
      throw wrong(
          settings, UpSettings.API, "write HOST:PORT, such as 127.0.0.1:7465 or 127.0.0.1:0");
    }
  }

  private static Path nearestExisting(Path folder) {
    Path parent = folder.toAbsolutePath().getParent();
    return Files.exists(folder) || parent == null ? folder : nearestExisting(parent);
  }

  private static @Nullable Resources share(Settings said, Path dataDir) {
    String cpus = text(said, UpSettings.CPUS);
    String memory = text(said, UpSettings.MEMORY);
    String disk = text(said, UpSettings.DISK);
    if (cpus.isEmpty() && memory.isEmpty() && disk.isEmpty()) {
      return null;
    }
    try {
      Resources found = ThisMachine.share(nearestExisting(dataDir));
      return new Resources(
          cpus.isEmpty() ? found.cpuMillis() : cpuMillis(cpus),
          memory.isEmpty() ? found.memory() : ByteSize.parse(memory),
          disk.isEmpty() ? found.disk() : ByteSize.parse(disk));
    } catch (IllegalArgumentException | IOException e) {
      throw new AtollException(
          ErrorCode.BAD_REQUEST,
          "cannot share that: " + e.getMessage(),
          "write cores such as 1.5 and sizes such as 4Gi",
          e);
    }
  }

  private static long cpuMillis(String text) {
    double cores = Double.parseDouble(text);
    if (!(cores >= 0.001 && cores <= 1_000_000)) {
      throw new IllegalArgumentException("'" + text + "' is no number of cores");
    }
    return Math.round(cores * 1000);
  }
}
