package io.atoll.daemon.demo;

import io.atoll.client.HubClient;
import io.atoll.client.api.NetworkRequest;
import io.atoll.client.api.NetworkView;
import io.atoll.client.api.NodeView;
import io.atoll.client.api.TaskAddress;
import io.atoll.client.api.TaskNetwork;
import io.atoll.client.api.TaskRequest;
import io.atoll.client.api.TaskView;
import io.atoll.core.error.AtollException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A web server on one provider is fetched by name from the other, over a network of their own.
final class NetworkScene {
  private static final String NETWORK = "demo";
  private static final Path PERL = Path.of("/usr/bin/perl");

  private static final String SERVER =
      """
      use IO::Socket::INET; $| = 1;
      my $s = IO::Socket::INET->new(LocalPort => 80, Listen => 5, ReuseAddr => 1) or die $!;
      while (1) {
        my $c = $s->accept or next; $c->autoflush(1); my $line = <$c>;
        print $c "HTTP/1.0 200 OK\\r\\n\\r\\nhello from $ENV{ATOLL_NODE}, at your "
          . $c->peerhost . "\\n";
        close $c;
      }
      """;

  private static final String FETCH =
      """
      use IO::Socket::INET; $| = 1; my $c;
      for (1 .. 30) {
        $c = IO::Socket::INET->new(PeerAddr => "web.demo.internal:80", Timeout => 2) and last;
        sleep 1;
      }
      die "web.demo.internal does not answer: $@\\n" unless $c;
      print $c "GET / HTTP/1.0\\r\\n\\r\\n"; my @l = <$c>; print $l[-1];
      """;

  /// Shows a task from its submission to its end.
  interface Follower {
    boolean follow(HubClient hub, TaskRequest request, String node) throws InterruptedException;
  }

  private final HubClient hub;
  private final boolean unsandboxed;
  private final Consumer<String> teller;
  private final Follower follower;

  NetworkScene(HubClient hub, boolean unsandboxed, Consumer<String> teller, Follower follower) {
    this.hub = hub;
    this.unsandboxed = unsandboxed;
    this.teller = teller;
    this.follower = follower;
  }

  /// @return whether everything that this machine can do was done
  boolean play(List<NodeView> nodes) throws InterruptedException {
    if (unsandboxed) {
      teller.accept("no network: a task without a sandbox has the machine's own");
      return true;
    }
    if (!Files.isExecutable(PERL)) {
      teller.accept("no network: the demo's web server is in perl, which is not here (optional)");
      return true;
    }
    NodeView first = nodes.getFirst();
    NodeView second = nodes.getLast();
    NetworkView network = hub.privateNetworks().create(new NetworkRequest(NETWORK, null, null));
    teller.accept("network " + NETWORK + " is made: " + network.v4() + " and " + network.v6());
    TaskView web = hub.create(task("web", first, SERVER), UUID.randomUUID().toString());
    try {
      return fetched(web, first, second);
    } catch (AtollException e) {
      teller.accept("no network: " + e.text() + "; " + e.hint());
      return false;
    } finally {
      var _ = hub.stop(web.id().text());
    }
  }

  private boolean fetched(TaskView web, NodeView first, NodeView second)
      throws InterruptedException {
    TaskAddress at = web.addresses().getFirst();
    teller.accept("a web server on " + first.name() + " is " + at.host() + " at " + at.v4());
    boolean fetched = follower.follow(hub, task(null, second, FETCH), second.name());
    if (!fetched) {
      TaskView now = hub.task(web.id().text());
      teller.accept("the web server is " + now.state() + ": " + now.detail());
    }
    return fetched;
  }

  private static TaskRequest task(@Nullable String name, NodeView node, String script) {
    return new TaskRequest(
            name,
            "process",
            null,
            List.of(PERL.toString(), "-e", script),
            null,
            "0.5",
            "64Mi",
            null,
            null,
            node.id().text(),
            null,
            null,
            null,
            null,
            null,
            null,
            "1s",
            null,
            null)
        .in(new TaskNetwork(NETWORK, null));
  }
}
