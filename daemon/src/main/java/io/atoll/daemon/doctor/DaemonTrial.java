package io.atoll.daemon.doctor;

import io.atoll.client.HubClient;
import io.atoll.client.HubLocation;
import io.atoll.client.api.HubView;
import io.atoll.client.api.ReadyView;
import io.atoll.client.api.VersionView;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.json.Json;
import io.atoll.daemon.store.FolderLock;
import io.atoll.runtime.driver.Fingerprint.Finding;
import io.atoll.runtime.driver.Fingerprint.Finding.Level;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// The daemon that uses a data folder now, if one does: asked as any client asks it.
public final class DaemonTrial {
  private static final int PATIENCE_MILLIS = 3000;

  private final Path dataDir;
  private final Path lock;
  private final VersionView ours;

  /// @param lock the file that says which process uses the folder
  public DaemonTrial(Path dataDir, Path lock, VersionView ours) {
    this.dataDir = dataDir;
    this.lock = lock;
    this.ours = ours;
  }

  private record Answer(int status, byte[] body) {}

  public List<Finding> run() throws IOException {
    OptionalLong pid = FolderLock.holder(lock);
    String api = read(HubLocation.API_FILE);
    if (pid.isEmpty() || api == null) {
      return List.of(new Finding("api", Level.OK, "no daemon uses " + dataDir, ""));
    }
    Answer ready;
    try {
      Answer health = get(api, "/healthz");
      if (health.status() != 200) {
        return List.of(silent(pid.getAsLong(), api, "it answered " + health.status()));
      }
      ready = get(api, "/readyz");
    } catch (IOException e) {
      return List.of(silent(pid.getAsLong(), api, String.valueOf(e.getMessage())));
    }
    List<Finding> findings = new ArrayList<>();
    findings.add(
        new Finding("api", Level.OK, "process " + pid.getAsLong() + " answers at " + api, ""));
    ReadyView view = Json.read(ready.body(), ReadyView.class);
    findings.add(
        view.ready()
            ? new Finding("ready", Level.OK, "it takes work", "")
            : new Finding(
                "ready",
                Level.MISSING,
                String.join("; ", view.reasons()),
                "remove the cause; the daemon goes on by itself"));
    asked(api, findings);
    return findings;
  }

  private void asked(String api, List<Finding> findings) throws IOException {
    HubLocation location =
        new HubLocation(URI.create(api), read(HubLocation.KEY_FILE), dataDir.toString());
    HubClient client = new HubClient(() -> location);
    try {
      VersionView theirs = client.version();
      boolean same =
          theirs.version().equals(ours.version()) && theirs.commit().equals(ours.commit());
      findings.add(
          same
              ? new Finding("version", Level.OK, theirs.version(), "")
              : new Finding(
                  "version",
                  Level.LIMITED,
                  "the daemon is "
                      + theirs.version()
                      + " ("
                      + theirs.commit()
                      + "), this program is "
                      + ours.version()
                      + " ("
                      + ours.commit()
                      + ")",
                  "start the daemon again; what it runs goes on meanwhile"));
      for (HubView hub : client.hubs()) {
        findings.add(
            hub.connected()
                ? new Finding("session with " + hub.id(), Level.OK, "it stands", "")
                : new Finding(
                    "session with " + hub.id(),
                    Level.LIMITED,
                    hub.status(),
                    "the daemon tries again by itself; is that hub up?"));
      }
    } catch (AtollException e) {
      if (e.code() != ErrorCode.NOT_FOUND) { // which a hub without the provider's role answers
        findings.add(new Finding("key", Level.LIMITED, e.text(), e.hint()));
      }
    }
  }

  private static Finding silent(long pid, String api, String why) {
    return new Finding(
        "api",
        Level.MISSING,
        "process " + pid + " uses the data folder, but does not answer at " + api + ": " + why,
        "see its log; if it hangs, end it (kill " + pid + ") and start it again");
  }

  private static Answer get(String api, String path) throws IOException {
    HttpURLConnection connection =
        (HttpURLConnection) URI.create(api + path).toURL().openConnection(Proxy.NO_PROXY);
    connection.setConnectTimeout(PATIENCE_MILLIS);
    connection.setReadTimeout(PATIENCE_MILLIS);
    int status = connection.getResponseCode();
    try (var body = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
      return new Answer(status, body == null ? new byte[0] : body.readAllBytes());
    }
  }

  private @Nullable String read(String name) throws IOException {
    try {
      return Files.readString(dataDir.resolve(name)).strip();
    } catch (NoSuchFileException e) {
      return null;
    }
  }
}
