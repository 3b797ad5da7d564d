package io.atoll.daemon.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.core.json.Json;
import io.atoll.core.term.Port;
import io.atoll.core.term.TaskId;
import io.atoll.daemon.rest.CommandLineFixture.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandsTest {
  private CommandLineFixture cli;

  @BeforeEach
  void start() throws Exception {
    cli = new CommandLineFixture();
    cli.playCommands();
  }

  @AfterEach
  void stop() {
    cli.close();
  }

  private static JsonNode json(Result result) throws Exception {
    assertThat(result.status()).as(result.err()).isZero();
    return Json.mapper().readTree(result.outBytes());
  }

  @Test
  void listsAndShowsTasks() throws Exception {
    cli.run("run", "--name", "gone", "--", "play", "exit:3");
    cli.run("run", "-d", "--name", "alive", "--", "play", "out:hi");
    TaskId alive = cli.hub.all().get(1);
    cli.hub.publish(alive, Port.parse("80"), 32768);

    Result table = cli.run("ps");
    assertThat(table.out().lines()).hasSize(2);
    assertThat(table.out())
        .contains("alive", "RUNNING", "80/tcp->127.0.0.1:32768")
        .doesNotContain("gone");
    assertThat(cli.run("ps", "-a").out().lines()).hasSize(3);
    assertThat(cli.run("ps", "-q").out()).isEqualTo(alive + "\n");
    assertThat(cli.run("task", "list", "--limit", "1").out().lines()).hasSize(2);
    assertThat(json(cli.run("task", "list", "-o", "json"))).hasSize(2);

    JsonNode shown = json(cli.run("-o", "json", "task", "show", "gone"));
    assertThat(shown.get("exitCode").asInt()).isEqualTo(3);
    assertThat(shown.get("state").asText()).isEqualTo("FAILED");
    assertThat(shown.get("driver").asText()).isEqualTo("process");
    assertThat(shown.get("node").asText()).isEqualTo(MemoryHub.NODE.text());
    assertThat(shown.get("events")).isNotEmpty();
    assertThat(
            json(cli.run("task", "show", "-o", "json", "alive")).get("endpoints").get(0).asText())
        .isEqualTo("80/tcp->127.0.0.1:32768");
    assertThat(cli.run("task", "show", "alive").out())
        .contains("state          RUNNING")
        .contains("asks for       0.5 cores, 256Mi memory")
        .contains("run.placed");

    assertThat(cli.run("task", "delete", "alive").status()).isEqualTo(5);
    assertThat(cli.run("task", "delete", "gone").status()).isZero();
    assertThat(cli.run("task", "show", "gone").status()).isEqualTo(3);
  }

  @Test
  void stopsAndWaits() throws Exception {
    cli.run("run", "-d", "--name", "svc", "--", "play");
    TaskId id = cli.hub.only();
    var stopping = cli.start("stop", "--wait", "svc");
    Thread.sleep(200);
    assertThat(stopping).isNotDone();
    cli.hub.exit(id, 143, null);
    assertThat(stopping.get(5, TimeUnit.SECONDS).out()).isEqualTo(id + "\n");
    assertThat(cli.run("stop", "nobody").status()).isEqualTo(3);
  }

  @Test
  void suspendsAndResumes() {
    cli.run("run", "-d", "--name", "svc", "--", "play");
    TaskId id = cli.hub.only();
    assertThat(cli.run("suspend", "--wait", "svc").out()).isEqualTo(id + "\n");
    assertThat(cli.run("ps").out()).contains("SUSPENDED");
    assertThat(cli.run("ps").out()).doesNotContain("deep");
    assertThat(cli.run("suspend", "--deep", "-w", "svc").out()).isEqualTo(id + "\n");
    assertThat(cli.run("ps").out()).contains("SUSPENDED (deep)");
    assertThat(cli.run("task", "show", "svc").out()).contains("SUSPENDED (deep)");
    assertThat(cli.run("task", "resume", "-w", "svc").out()).isEqualTo(id + "\n");
    assertThat(cli.run("ps").out()).contains("RUNNING");
    cli.hub.exit(id, 0, null);
    assertThat(cli.run("suspend", "svc").status()).isEqualTo(5);
    assertThat(cli.run("resume", "nobody").status()).isEqualTo(3);
  }

  @Test
  void keepsAndRestoresSnapshots() throws Exception {
    cli.run("run", "-d", "--name", "box", "--", "play");
    assertThat(cli.run("snapshot", "list", "box").out()).startsWith("NAME");
    assertThat(cli.run("snapshot", "take", "box", "before").out()).isEqualTo("before\n");
    assertThat(cli.run("snapshot", "take", "box", "before").status()).isEqualTo(5);
    assertThat(cli.run("snapshot", "take", "box", "No Name").err()).contains("No Name", "hyphens");
    assertThat(cli.run("snapshot", "take", "box").out()).matches("\\d{8}-\\d{6}\n");
    assertThat(cli.run("snapshot", "list", "box").out()).contains("before", "64Mi");
    assertThat(json(cli.run("snapshot", "restore", "-o", "json", "box", "before")).get("bytes"))
        .hasToString("67108864");
    assertThat(cli.run("snapshot", "restore", "box", "after").status()).isEqualTo(3);
    assertThat(cli.run("snapshot", "rm", "box", "before").out()).isEqualTo("before\n");
    assertThat(cli.run("snapshot", "list", "-q", "box").out().lines()).hasSize(1);
    assertThat(cli.run("snapshot").err()).contains("list, take, restore, rm");
  }

  @Test
  void tellsWhatTasksUse() throws Exception {
    cli.run("run", "-d", "--name", "svc", "--", "play");
    TaskId id = cli.hub.only();
    assertThat(cli.run("stats").out())
        .contains("CPU TIME", id.text(), "50.0%", "0.50s", "3Mi / 64Mi", "5Mi")
        .doesNotContain("null");
    assertThat(json(cli.run("stats", "--once", "-o", "json", "svc")).get("memory").asLong())
        .isEqualTo(3 << 20);
    assertThat(cli.run("stats", "nobody").status()).isEqualTo(3);
    cli.hub.exit(id, 0, null);
    assertThat(cli.run("stats").out().lines()).hasSize(1);
    // without --once, as what it follows has ended
    assertThat(json(cli.run("task", "stats", "-o", "json", id.text())).get("ended").asBoolean())
        .isTrue();
  }

  @Test
  void showsLogs() {
    cli.run("run", "--name", "w", "--", "play", "out:one", "err:two", "exit:0");
    Result logs = cli.run("logs", "w");
    assertThat(logs.out()).isEqualTo("one\n");
    assertThat(logs.err()).isEqualTo("two\n");
    assertThat(cli.run("logs", "--offset", "2", "w").out()).isEqualTo("e\n");
    assertThat(cli.run("task", "logs", "-f", "w").out()).isEqualTo("one\n");
    assertThat(cli.run("logs", "-o", "json", "w").out().lines())
        .hasSize(2)
        .first()
        .asString()
        .contains("\"offset\":0", "\"stream\":\"STDOUT\"");
    assertThat(cli.run("logs", "--run", "9-9", "w").status()).isEqualTo(3);
    assertThat(cli.run("logs", "nobody").status()).isEqualTo(3);
  }

  @Test
  void privateNetworks() throws Exception {
    Result made = cli.run("net", "create", "mynet", "--cidr", "10.7.0.0/24");
    assertThat(made.status()).as(made.err()).isZero();
    assertThat(made.out()).isEqualTo("mynet\n");
    assertThat(made.err()).contains("mynet.internal");
    assertThat(cli.run("net", "create", "mynet").status()).isEqualTo(5);
    assertThat(cli.run("net", "list").out()).contains("mynet", "10.7.0.0/24");
    assertThat(cli.run("net", "list", "-q").out()).isEqualTo("mynet\n");
    assertThat(cli.run("net", "show", "mynet").out()).contains("10.7.0.0/24", "*.mynet.internal");
    assertThat(cli.run("net", "show", "-o", "json", "mynet").out()).contains("\"mtu\":1420");
    assertThat(cli.run("net", "show", "mynet").out())
        .contains("12 packets (2Ki) left, 3 refused, 4 allowed at providers that let nothing out")
        .contains("connections that providers denied: 1")
        .contains("allow 0.0.0.0/0 tcp 443: 12 packets");
    assertThat(cli.run("net", "members", "mynet").out()).contains("LEFT", "REFUSED", "77");
    assertThat(cli.run("net", "members", "mynet").out()).contains("reef", "10.7.0.2");
    assertThat(cli.run("net", "members", "-q", "mynet").out()).isEqualTo("reef.mynet.internal\n");
    assertThat(cli.run("net", "why", "mynet", "reef", "reef").out())
        .contains("go through a relay", "192.0.2.1:7465", "fix: open UDP port 7465");
    assertThat(cli.run("net", "why", "-o", "json", "mynet", "reef", "reef").out())
        .contains("\"state\":\"trying\"");
    assertThat(cli.run("net", "why", "mynet", "reef", "nobody").err())
        .contains("nobody", "is no member of this network", "net members");
    assertThat(cli.run("net", "address", "mynet", "reef", "10.7.0.9").out())
        .isEqualTo("10.7.0.9\n");
    assertThat(cli.run("net", "members", "-o", "json", "mynet").out()).contains("10.7.0.9");
    assertThat(cli.run("net", "remove", "mynet").out()).isEqualTo("mynet\n");
    assertThat(cli.run("net", "show", "mynet").status()).isEqualTo(3);
    assertThat(cli.run("net").err()).contains("missing verb: create, list, show, members");
  }

  @Test
  void devicesOfANetwork() throws Exception {
    cli.run("net", "create", "mynet", "--cidr", "10.7.0.0/24");
    Result invited = cli.run("net", "invite-device", "mynet", "phone");
    assertThat(invited.status()).as(invited.err()).isZero();
    assertThat(invited.out()).isEqualTo("[Interface]\nPrivateKey = secret of phone\n");
    assertThat(invited.err())
        .contains("phone.mynet.internal is 10.7.0.3", "192.0.2.1:7465", "net remove-device mynet");
    assertThat(cli.run("net", "invite-device", "mynet", "phone").status()).isEqualTo(5);
    assertThat(cli.run("net", "invite-device", "nonet", "phone").status()).isEqualTo(3);
    assertThat(cli.run("net", "invite-device", "mynet", "x", "--door", "nobody").status())
        .isEqualTo(3);
    Result json =
        cli.run("net", "invite-device", "mynet", "laptop", "--door", "reef", "-o", "json");
    JsonNode made = Json.mapper().readTree(json.out());
    assertThat(made.get("config").asText()).contains("secret of laptop");
    assertThat(made.get("device").get("doorName").asText()).isEqualTo("reef");
    assertThat(cli.run("net", "devices", "mynet").out())
        .contains("phone", "hub", "laptop", "reef", "10.7.0.3", "192.0.2.1:7465");
    assertThat(cli.run("net", "devices", "mynet", "-q").out()).isEqualTo("laptop\nphone\n");
    assertThat(cli.run("net", "devices", "mynet", "-o", "json").out()).contains("publicKey");
    assertThat(cli.run("net", "remove-device", "mynet", "phone", "laptop").out())
        .isEqualTo("phone\nlaptop\n");
    assertThat(cli.run("net", "remove-device", "mynet", "phone").status()).isEqualTo(3);
  }

  @Test
  void aConfigurationIsDrawnOrSavedForItsOwnerAlone(@TempDir Path folder) throws Exception {
    cli.run("net", "create", "mynet");
    Result drawn = cli.run("net", "invite-device", "mynet", "phone", "--qr");
    assertThat(drawn.status()).as(drawn.err()).isZero();
    assertThat(drawn.out()).contains("█", "▀").doesNotContain("secret", "\u001b");
    Path file = folder.resolve("mynet.conf");
    String name = file.toString();
    Result saved = cli.run("net", "invite-device", "mynet", "laptop", "-q", "--save", name);
    assertThat(saved.out()).isEqualTo(name + "\n");
    assertThat(saved.err()).isEmpty();
    assertThat(file).content().isEqualTo("[Interface]\nPrivateKey = secret of laptop\n");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    Result again = cli.run("net", "invite-device", "mynet", "tablet", "--save", name);
    assertThat(again.status()).isEqualTo(5);
    assertThat(again.err()).contains("is there already");
    assertThat(cli.run("net", "devices", "mynet", "-q").out()).doesNotContain("tablet");
    Path other = folder.resolve("other.conf");
    assertThat(
            cli.run("net", "invite-device", "mynet", "phone", "--save", other.toString()).status())
        .isEqualTo(5);
    assertThat(other).as("nobody was invited").doesNotExist();
    Path nowhere = folder.resolve("no/such.conf");
    assertThat(cli.run("net", "invite-device", "mynet", "x", "--save", nowhere.toString()).err())
        .contains("cannot write", "hint:");
    assertThat(cli.run("net", "invite-device", "mynet", "x", "--qr", "-o", "json").status())
        .isEqualTo(2);
  }

  @Test
  void devicesVerbsHaveHelpWithExamplesAndAreCompleted() {
    for (String verb : List.of("invite-device", "devices", "remove-device")) {
      assertThat(cli.run("net", verb, "--help").out()).contains("Examples:", "atoll net " + verb);
      assertThat(cli.run("completion", "bash").out()).contains(verb);
    }
    refusedNet("not the name of a device", "phone", "net", "invite-device", "mynet", "My Phone");
    assertThat(cli.run("net", "invite-device", "mynet").status()).isEqualTo(2);
    assertThat(cli.run("net", "remove-device", "mynet").status()).isEqualTo(2);
  }

  @Test
  void whatIsNoNetworkIsSaidWithWhatToTypeInstead() throws Exception {
    refusedNet("not the name of a network", "small letters", "net", "create", "Big");
    refusedNet("10.7.0.0/24", "such as", "net", "create", "x", "--cidr", "10.7.0.1/24");
    refusedNet(
        "no block of private", "192.168.0.0/16", "net", "create", "x", "--cidr", "8.8.8.0/24");
    refusedNet("no block of private", "30 bits", "net", "create", "x", "--cidr", "10.7.0.0/31");
    refusedNet("beyond", "inside", "net", "create", "x", "--cidr", "192.168.0.0/13");
    refusedNet("no block of private", "IPv4", "net", "create", "x", "--cidr", "fd00::/64");
    refusedNet("no address", "10.96.0.7", "run", "--net", "mynet=here", "--", "true");
    refusedNet("one of IPv6", "IPv4", "run", "--net", "mynet=fd00::7", "--", "true");
    refusedNet("named twice", "once", "run", "--net", "a", "--net", "a", "--", "true");
    refusedNet("hyphen", "letter", "run", "--net", "a", "--name", "web-", "--", "true");
    refusedNet("sandbox", "leave", "run", "--net", "a", "--unsandboxed", "--", "true");
    assertThat(cli.run("run", "--net", "=10.7.0.1", "--", "true").err())
        .contains("is not NAME or NAME=ADDRESS");
    assertThat(cli.run("net", "create").status()).isEqualTo(2);
  }

  private void refusedNet(String what, String hint, String... words) {
    Result refused = cli.run(words);
    // What `run` itself fails of is told from what the program ends with.
    int status = words[0].equals("run") ? 125 : 2;
    assertThat(refused.status()).as(String.join(" ", words)).isEqualTo(status);
    assertThat(refused.err()).containsIgnoringCase(what).contains("hint:").contains(hint);
  }

  @Test
  void nodesInvitesAppsAndEvents() throws Exception {
    assertThat(cli.run("node", "list").out()).contains("reef", "4 of 4", "1.25 ms");
    assertThat(cli.run("node", "show", "reef").out()).contains("linux amd64");
    assertThat(cli.run("node", "ping", "-c", "3", "reef").out().lines()).hasSize(3);
    assertThat(cli.run("node", "show", "nobody").status()).isEqualTo(3);

    Result made = cli.run("invite", "create", "--role", "app", "-q");
    assertThat(made.out().lines()).hasSize(1);
    assertThat(made.err()).isEmpty();
    String invite = made.out().strip();
    Map<String, String> elsewhere = Map.of("ATOLL_HUB", cli.served.server.uri().toString());
    Result key = cli.run(elsewhere, "app", "redeem", "-q", "--name", "ci", invite);
    assertThat(key.status()).as(key.err()).isZero();
    Map<String, String> withKey =
        Map.of("ATOLL_HUB", cli.served.server.uri().toString(), "ATOLL_KEY", key.out().strip());
    assertThat(cli.run(withKey, "ps").status()).isZero();
    Result again = cli.run(elsewhere, "app", "redeem", invite);
    assertThat(again.status()).isEqualTo(4);
    assertThat(again.err()).contains("hint:");
    assertThat(cli.run("app", "list").out()).contains("ci").doesNotContain(key.out().strip());
    assertThat(cli.run("app", "revoke", "k2").status()).isZero();
    Result revoked = cli.run(withKey, "ps");
    assertThat(revoked.status()).isEqualTo(4);
    assertThat(revoked.err()).contains("revoked").contains("hint:");

    assertThat(cli.run("invite", "create", "--role", "king").status()).isEqualTo(2);
    assertThat(cli.run("invite", "list").out()).contains("USED");
    assertThat(cli.run("invite", "revoke", "i1").status()).isZero();

    cli.run("run", "--name", "e", "--", "play", "exit:0");
    assertThat(cli.run("events").out()).contains("task.created", "run.exited");
    assertThat(cli.run("events", "--task", "e", "-o", "json").out().lines())
        .allMatch(line -> line.startsWith("{"));
    cli.hub.trimEvents(3);
    assertThat(cli.run("events").status()).isZero();
    Result trimmed = cli.run("events", "--after", "0");
    assertThat(trimmed.status()).isEqualTo(3);
    assertThat(trimmed.err()).contains("no longer kept");
    assertThat(cli.run("node", "forget", "reef").status()).isZero();
  }

  @Test
  void writesABackupWholeOrNotAtAll() throws Exception {
    Path file = cli.folder.resolve("copy.db");
    assertThat(cli.run("backup", file.toString()).status()).isZero();
    assertThat(file).hasContent("a copy of the store");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(cli.run("backup", file.toString()).status()).isEqualTo(5);
    assertThat(cli.run("backup", "--force", file.toString()).status()).isZero();
    Result folder = cli.run("backup", "--force", cli.folder.toString());
    assertThat(folder.status()).isEqualTo(2);
    assertThat(folder.err()).contains("no regular file");
    Result nowhere = cli.run("backup", cli.folder.resolve("no/such/copy.db").toString());
    assertThat(nowhere.status()).isEqualTo(3);
    assertThat(nowhere.err()).contains("hint:");
    try (var files = Files.list(cli.folder)) {
      assertThat(files.map(Path::toString)).noneMatch(name -> name.endsWith(".part"));
    }
  }

  @Test
  void showsItsVersion() throws Exception {
    JsonNode version = json(cli.run("version", "-o", "json"));
    assertThat(version.get("version").asText()).matches("\\d+\\.\\d+\\.\\d+.*");
    assertThat(version.has("commit")).isTrue();
    assertThat(version.get("java").asText()).isEqualTo(System.getProperty("java.version"));
    assertThat(version.get("os").asText()).isNotEmpty();
    assertThat(cli.run("--version").out()).startsWith("atoll ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "run",
        "ps",
        "logs",
        "exec",
        "cp",
        "snapshot",
        "snapshot list",
        "snapshot take",
        "snapshot restore",
        "snapshot rm",
        "stats",
        "stop",
        "suspend",
        "resume",
        "events",
        "task",
        "task list",
        "task show",
        "task delete",
        "task stats",
        "task stop",
        "task suspend",
        "task resume",
        "task logs",
        "node",
        "node list",
        "node show",
        "node info",
        "node ping",
        "node forget",
        "invite",
        "invite create",
        "invite list",
        "invite revoke",
        "app",
        "app list",
        "app revoke",
        "app redeem",
        "backup",
        "config",
        "config show",
        "version",
        "completion"
      })
  void everyCommandHasHelpWithExamples(String command) {
    Result result = cli.run((command + " --help").strip().split(" "));
    assertThat(result.status()).as(result.err()).isZero();
    assertThat(result.out()).contains("\nUsage: atoll", "\nExamples:\n", "atoll " + command);
    if (!command.isEmpty()) {
      assertThat(result.out()).contains("--data-dir");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "pss, did you mean 'ps'?",
    "tsak list, did you mean 'task'?",
    "task lst, did you mean 'list'?",
    "ps --al, did you mean '--all'?",
    "task, list",
    "completion bsh, did you mean 'bash'?",
    "ps -o yaml, table",
    "stop, TASK",
    "exec, TASK",
    "exec web, COMMAND",
    "exec web --, COMMAND",
    "exec -e novalue web -- ls, NAME=VALUE",
  })
  void usageErrorsSayWhatWasMeant(String command, String expected) {
    Result result = cli.run(command.split(" "));
    assertThat(result.status()).isEqualTo(2);
    assertThat(result.err()).startsWith("atoll: ").contains(expected).contains("--help");
    assertThat(result.out()).isEmpty();
  }

  @Test
  void failuresAreProblemsInJson() throws Exception {
    Result result = cli.run("task", "show", "nobody", "-o", "json");
    assertThat(result.status()).isEqualTo(3);
    assertThat(result.out()).isEmpty();
    JsonNode problem = Json.mapper().readTree(result.err());
    assertThat(problem.get("code").asText()).isEqualTo("NOT_FOUND");
    assertThat(problem.get("hint").asText()).isNotEmpty();
    assertThat(Json.mapper().readTree(cli.run("-o", "json", "nonsense").err()).get("code").asText())
        .isEqualTo("BAD_REQUEST");
  }

  @Test
  void aStackTraceOnlyOnRequest() {
    Map<String, String> environment =
        Map.of("ATOLL_DATA_DIR", cli.dataDir.toString(), "ATOLL_DEBUG", "1");
    assertThat(cli.run("task", "show", "nobody").err()).doesNotContain("\tat ");
    assertThat(cli.run(environment, "task", "show", "nobody").err()).contains("\tat io.atoll");
  }

  @Test
  void findsTheHub() throws Exception {
    Result none = cli.run(Map.of(), "ps");
    assertThat(none.status()).isEqualTo(8);
    assertThat(none.err()).contains("atoll up").contains("ATOLL_HUB");
    assertThat(cli.run(Map.of(), "--data-dir", cli.dataDir.toString(), "ps").status()).isZero();
    // A flag is nearer than the environment.
    assertThat(
            cli.run(
                    Map.of("ATOLL_HUB", "http://127.0.0.1:1", "ATOLL_KEY", "x"),
                    "ps",
                    "--data-dir",
                    cli.dataDir.toString())
                .status())
        .isZero();
    assertThat(cli.run(Map.of("ATOLL_HUB", "http://127.0.0.1:1", "ATOLL_KEY", "x"), "ps").status())
        .isEqualTo(8);
    assertThat(cli.run(Map.of("ATOLL_HUB", "nonsense", "ATOLL_KEY", "x"), "ps").status())
        .isEqualTo(2);
    // A key of ours is not sent to a hub that a foreign folder names.
    Files.writeString(cli.folder.resolve(".env"), "ATOLL_HUB=http://127.0.0.1:1\n");
    Result foreign = cli.run(Map.of("ATOLL_KEY", MemoryHub.SECRET), "ps");
    assertThat(foreign.status()).isEqualTo(4);
    assertThat(foreign.err()).contains(".env");
    Files.writeString(
        cli.folder.resolve(".env"),
        "export ATOLL_HUB='"
            + cli.served.server.uri()
            + "'\n# comment\nATOLL_KEY=\""
            + MemoryHub.SECRET
            + "\"\n");
    assertThat(cli.run(Map.of(), "ps").status()).isZero();
  }

  @Test
  void aMissingOrRefusedKeyIsAMatterOfSettingsNotOfHeaders() throws Exception {
    String hub = cli.served.server.uri().toString();
    Path keyFile = cli.dataDir.resolve("cli.key");
    Files.writeString(keyFile, "atk_of_another_hub\n");
    for (String[] wrong :
        new String[][] {
          {cli.run(Map.of("ATOLL_HUB", hub), "ps").err(), "asks for a key", "from ATOLL_HUB"},
          {
            cli.run(Map.of("ATOLL_HUB", hub, "ATOLL_KEY", "x"), "ps").err(),
            "refuses the key from ATOLL_KEY:",
            "from ATOLL_HUB"
          },
          {cli.run("logs", "web").err(), "refuses the key from " + keyFile, "/api)"},
          {cli.run("ps", "-o", "json").err(), "\"UNAUTHENTICATED\"", keyFile.toString()},
        }) {
      assertThat(wrong[0])
          .contains(wrong[1], wrong[2], hub)
          .contains("ATOLL_KEY", "atoll app redeem", "--data-dir")
          .doesNotContain("header", "Authorization", "Bearer");
    }
    assertThat(cli.run("ps").status()).isEqualTo(4);
    Files.delete(keyFile);
    assertThat(cli.run("ps").err()).contains("asks for a key").doesNotContain("header");
  }

  @Test
  void showsWhereSettingsComeFrom() throws Exception {
    Path file = cli.folder.resolve("config/atoll/config.properties");
    Files.createDirectories(file.getParent());
    Files.writeString(file, "# mine\noutput = json\ndata-dri = /x\n");
    Map<String, String> environment =
        Map.of("ATOLL_HUB", "http://hub.example:7465", "ATOLL_KEY", "atk_secret");
    Result shown = cli.run(environment, "config", "show");
    assertThat(shown.out()).doesNotContain("atk_secret");
    JsonNode rows = Json.mapper().readTree(shown.outBytes());
    Map<String, String> origins = new java.util.HashMap<>();
    rows.forEach(row -> origins.put(row.get("name").asText(), row.path("origin").asText()));
    assertThat(origins)
        .containsEntry("hub", "ATOLL_HUB")
        .containsEntry("key", "ATOLL_KEY")
        .containsEntry("output", file.toString())
        .containsEntry("data-dir", "default");
    assertThat(shown.err()).contains("'data-dri'").contains("did you mean 'data-dir'");
    assertThat(cli.run(environment, "config", "show", "-o", "table").out()).startsWith("SETTING");
    Files.writeString(file, "nonsense\n");
    assertThat(cli.run(environment, "ps").err()).contains("line 1 of");
  }

  @Test
  void completesInBash() throws Exception {
    Result script = cli.run("completion", "bash");
    assertThat(script.status()).isZero();
    Path file = Files.write(cli.folder.resolve("atoll.bash"), script.outBytes());
    assertThat(shell("bash", "-n", file.toString())).isEmpty();
    String ask =
        "source "
            + file
            + "; COMP_WORDS=(atoll -o json task sh); COMP_CWORD=4; _atoll; echo ${COMPREPLY[@]};"
            + " COMP_WORDS=(atoll ''); COMP_CWORD=1; _atoll; echo ${COMPREPLY[@]}";
    String[] answers = shell("bash", "-c", ask).split("\n");
    assertThat(answers[0]).isEqualTo("show");
    assertThat(answers[1]).contains("run", "ps", "task", "--data-dir");
  }

  @ParameterizedTest
  @ValueSource(strings = {"zsh", "fish"})
  void completesElsewhere(String shell) throws Exception {
    Result script = cli.run("completion", shell);
    assertThat(script.status()).isZero();
    assertThat(script.out()).contains("atoll").contains("completion").contains("redeem");
    Path file = Files.write(cli.folder.resolve("atoll." + shell), script.outBytes());
    org.junit.jupiter.api.Assumptions.assumeTrue(
        installed(shell), shell + " is not installed: its syntax is not checked");
    assertThat(shell(shell, "-n", file.toString())).isEmpty();
  }

  private static boolean installed(String program) {
    return java.util.Arrays.stream(System.getenv("PATH").split(":"))
        .anyMatch(d -> Files.isExecutable(Path.of(d, program)));
  }

  private static String shell(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }
}
