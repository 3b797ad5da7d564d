package io.atoll.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.client.HubClient;
import io.atoll.client.HubLocation;
import io.atoll.client.api.AuditView;
import io.atoll.client.api.InviteRequest;
import io.atoll.client.api.VersionView;
import io.atoll.client.cli.Cli;
import io.atoll.client.cli.Interrupts;
import io.atoll.client.cli.Terminal;
import io.atoll.client.config.Places;
import io.atoll.core.error.AtollException;
import io.atoll.core.json.Json;
import io.atoll.daemon.peers.NetworkSettings;
import io.atoll.runtime.resource.OwnerRules;
import io.atoll.runtime.resource.Thresholds;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The record of a whole daemon: what is in it, and what is found when somebody changes its
/// files.
@Timeout(120)
class AuditDaemonTest {
  private static final String STRANGER = "12D3KooWGzBXdBD8hGGHuvDGo7vZpLGVPqMjBWkCgMNKB1nXfWTy";

  @TempDir Path temp;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private Path data() {
    return temp.resolve("hub");
  }

  private Daemon up() throws Exception {
    return Daemon.start(
        new DaemonSettings(
            data(),
            true,
            false,
            new InetSocketAddress("127.0.0.1", 0),
            NetworkSettings.at("/ip4/127.0.0.1/tcp/0"),
            List.of(),
            "hub",
            null,
            false,
            false,
            null,
            false,
            DaemonSettings.Machines.NONE,
            "",
            Map.of(),
            Map.of(),
            OwnerRules.NONE,
            Thresholds.NONE,
            null,
            NetSettings.USUAL,
            data().resolve("no-supervisor")),
        new VersionView("test", "", "", ""));
  }

  private static HubClient client(Daemon daemon, String key) {
    URI api = URI.create(daemon.bound().api());
    return new HubClient(() -> new HubLocation(api, key, "test"));
  }

  private HubClient owner(Daemon daemon) throws Exception {
    return client(daemon, LocalKey.read(data()).orElseThrow());
  }

  private int verify(String... words) {
    out.reset();
    err.reset();
    Terminal terminal =
        new Terminal(
            out, new PrintStream(err, true, StandardCharsets.UTF_8), Map.of(), false, false);
    Places places =
        new Places(temp.resolve("config"), temp.resolve("nowhere"), temp.resolve(".env"));
    Interrupts none = action -> () -> {};
    String[] line = new String[words.length + 2];
    line[0] = "audit";
    line[1] = "verify";
    System.arraycopy(words, 0, line, 2, words.length);
    return new Cli(terminal, places, none).with("audit", "verify", AuditVerifyVerb::new).run(line);
  }

  private void whole(String... words) {
    assertThat(verify(words)).as(err.toString(StandardCharsets.UTF_8)).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8)).startsWith("whole");
  }

  private void changed(String part, String... words) {
    assertThat(verify(words)).as(out.toString(StandardCharsets.UTF_8)).isEqualTo(5);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains(part).doesNotContain("Exception");
  }

  private void sql(String statement) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + data().resolve("hub.db"));
        Statement one = connection.createStatement()) {
      assertThat(one.executeUpdate(statement)).isPositive();
    }
  }

  private static String text(AuditView entry) {
    return entry.who().split(" ")[0] + " " + entry.action() + " " + entry.outcome();
  }

  @Test
  void whatIsDoneIsOnRecordAndWhatIsDoneToItIsFound() throws Exception {
    Path export = temp.resolve("record.jsonl");
    String folder = data().toString();
    assertThat(verify("--data-dir", folder)).isEqualTo(3);
    Path kept = temp.resolve("end.json");
    try (Daemon daemon = up()) {
      HubClient hub = owner(daemon);
      hub.revokeInvite(hub.createInvite(new InviteRequest("app", null, null)).id());
      assertThatThrownBy(() -> client(daemon, "wrong").keys()).isInstanceOf(AtollException.class);
      List<AuditView> entries = hub.audit(0, 1000).entries();
      assertThat(entries.stream().map(AuditDaemonTest::text))
          .containsExactly(
              "hub hub.start OK",
              "hub key.create OK",
              "key invite.create OK",
              "key invite.revoke OK",
              "address GET /api/v1/apps/keys UNAUTHENTICATED");
      try (var to = Files.newOutputStream(export)) {
        hub.exportAudit(to);
      }
      Files.writeString(kept, Json.write(hub.auditEnd()) + "\n");
      whole("--data-dir", folder); // beside the daemon that uses it
      whole(export.toString(), "--hub", daemon.bound().peerId(), "--end", kept.toString());
      changed("was signed by", export.toString(), "--hub", STRANGER);
    }
    whole("--data-dir", folder);
    whole("--data-dir", folder, "--end", kept.toString());
    Files.writeString(export, Files.readString(export).replace("invite.revoke", "invite.create"));
    changed("entry 5 does not follow", export.toString());

    byte[] store = Files.readAllBytes(data().resolve("hub.db"));
    sql("UPDATE audit SET line = replace(line, 'key.create', 'key.revoke') WHERE seq = 2");
    changed("does not follow", "--data-dir", folder);
    Files.write(data().resolve("hub.db"), store);
    sql("DELETE FROM audit WHERE seq = 3");
    changed("entry 4 stands where entry 3 belongs", "--data-dir", folder);
    Files.write(data().resolve("hub.db"), store);
    sql("DELETE FROM audit WHERE seq >= 4");
    changed("are missing", "--data-dir", folder);

    // The hub itself sees at its start that its record was cut, and says so in it.
    try (Daemon daemon = up()) {
      assertThat(owner(daemon).audit(3, 10).entries().stream().map(AuditDaemonTest::text))
          .startsWith("hub audit.behind FOUND", "hub hub.start OK");
    }
    whole("--data-dir", folder);
    changed("another than was signed", "--data-dir", folder, "--end", kept.toString());
    try (var files = Files.list(data())) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .anyMatch(name -> name.startsWith("audit.end.lost-"));
    }
    Files.delete(data().resolve("audit.end"));
    changed("its signed end is missing", "--data-dir", folder);
  }
}
