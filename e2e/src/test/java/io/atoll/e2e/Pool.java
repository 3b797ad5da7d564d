package io.atoll.e2e;

import static org.awaitility.Awaitility.await;

import io.atoll.client.HubClient;
import io.atoll.client.HubLocation;
import io.atoll.client.LogSink;
import io.atoll.client.api.InviteRequest;
import io.atoll.client.api.InviteView;
import io.atoll.client.api.OutputEvents;
import io.atoll.client.api.TaskRequest;
import io.atoll.client.api.TaskView;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;

/// A hub and providers, each a process of its own, joined by invite over loopback TCP.
final class Pool implements AutoCloseable {
  final DaemonProcess hub;
  final List<DaemonProcess> providers = new ArrayList<>();
  final HubClient client;

  private Pool(DaemonProcess hub) throws IOException {
    this(hub, hub::api);
  }

  /// @param api where the hub's is reached from here
  Pool(DaemonProcess hub, Supplier<String> api) throws IOException {
    this.hub = hub;
    String key = hub.key();
    this.client = new HubClient(() -> new HubLocation(URI.create(api.get()), key, "test"));
  }

  /// @param folder for data folders and logs
  /// @param options of the providers' `up`
  static Pool start(Path folder, int providers, String... options)
      throws IOException, InterruptedException {
    DaemonProcess hub =
        new DaemonProcess(
                folder.resolve("hub"),
                List.of(
                    "--hub",
                    "--api",
                    "127.0.0.1:" + freePort(),
                    "--listen",
                    "/ip4/127.0.0.1/tcp/" + freePort()))
            .start();
    Pool pool = new Pool(hub);
    try {
      for (int i = 1; i <= providers; i++) {
        pool.join(folder.resolve("p" + i), options);
      }
      pool.awaitOnline(providers);
      return pool;
    } catch (IOException | RuntimeException e) {
      pool.close();
      throw e;
    }
  }

  private void join(Path data, String... options) throws IOException {
    join(
        data,
        List.of(),
        concat(List.of("--api", "127.0.0.1:0", "--listen", "/ip4/127.0.0.1/tcp/0"), options));
  }

  /// @param within see [DaemonProcess]
  /// @param options of its `up`, such as where it listens
  void join(Path data, List<String> within, List<String> options) throws IOException {
    InviteView invite =
        client.createInvite(
            new InviteRequest(
                InviteView.Role.PROVIDER.name().toLowerCase(java.util.Locale.ROOT), null));
    List<String> arguments =
        new ArrayList<>(List.of("--provider", "--name", data.getFileName().toString()));
    arguments.addAll(options);
    DaemonProcess first =
        new DaemonProcess(data, concat(arguments, "--join", invite.invite()), within);
    first.start();
    first.close();
    // an invite is used once; a daemon started again remembers its hub
    providers.add(new DaemonProcess(data, arguments, within).start());
  }

  private static List<String> concat(List<String> list, String... more) {
    List<String> all = new ArrayList<>(list);
    all.addAll(List.of(more));
    return all;
  }

  void awaitOnline(int count) {
    await()
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(50))
        .until(
            () ->
                client.nodes().stream().filter(node -> node.state().equals("ONLINE")).count()
                    == count);
  }

  /// The whole output of a task, both streams, followed to its end.
  String output(String id) throws InterruptedException {
    return output(id, true);
  }

  /// What a task has written so far.
  String written(String id) throws InterruptedException {
    return output(id, false);
  }

  private String output(String id, boolean follow) throws InterruptedException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    client.logs(
        id,
        null,
        0,
        follow,
        new LogSink() {
          @Override
          public void output(OutputEvents.Output piece) {
            all.writeBytes(piece.data());
          }

          @Override
          public void dropped(long from, long until) {
            all.writeBytes("[dropped]".getBytes(StandardCharsets.UTF_8));
          }
        });
    return all.toString(StandardCharsets.UTF_8);
  }

  /// Submits a task and waits for its end.
  TaskView run(TaskRequest request) throws InterruptedException {
    TaskView made = client.create(request, UUID.randomUUID().toString());
    return client.task(made.id().text(), Duration.ofSeconds(60));
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  @Override
  public void close() {
    providers.forEach(DaemonProcess::close);
    hub.close();
  }
}
