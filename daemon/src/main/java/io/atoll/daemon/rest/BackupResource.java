package io.atoll.daemon.rest;

import io.atoll.daemon.hub.HubApi;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// A copy of the store: written whole beside the store, sent, removed. All that the store holds is
/// in it, so it is for the owner alone.
final class BackupResource {
  private final HubApi hub;
  private final OwnersOnly owners;
  private final Path scratch;

  BackupResource(HubApi hub, OwnersOnly owners, Path scratch) {
    this.hub = hub;
    this.owners = owners;
    this.scratch = scratch;
  }

  List<Route> routes() {
    return List.of(Route.get("/api/v1/backup", owners.only(this::send)));
  }

  private void send(Call call) throws IOException, InterruptedException {
    call.begun();
    // createTempDirectory makes it 0700: the copy holds what the store holds.
    Path folder = Files.createTempDirectory(Files.createDirectories(scratch), "backup-");
    Path copy = folder.resolve("store.db");
    try {
      hub.backup(copy);
      call.response().status(200);
      call.response().header(HeaderNames.CONTENT_TYPE, "application/vnd.sqlite3");
      call.response().header(HeaderValues.CACHE_NO_CACHE);
      call.response().contentLength(Files.size(copy));
      try (OutputStream out = call.response().outputStream()) {
        Files.copy(copy, out);
      }
    } finally {
      Files.deleteIfExists(copy);
      Files.deleteIfExists(folder);
    }
  }
}
