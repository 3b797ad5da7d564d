package io.atoll.daemon.rest;

import io.atoll.client.api.AuditEndView;
import io.atoll.client.api.AuditPage;
import io.atoll.client.api.AuditView;
import io.atoll.core.audit.AuditLine;
import io.atoll.core.audit.SignedEnd;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.daemon.hub.AuditDesk;
import io.atoll.daemon.hub.HubApi;
import io.atoll.daemon.store.Query;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// The record of who did what, for the owner of the hub's machine.
final class AuditResource {
  private static final String ROOT = "/api/v1/audit";
  private static final int DEFAULT_PAGE = 100;
  private static final int LARGEST_PAGE = 1000;

  private final HubApi hub;
  private final OwnersOnly owners;

  AuditResource(HubApi hub, OwnersOnly owners) {
    this.hub = hub;
    this.owners = owners;
  }

  List<Route> routes() {
    return List.of(
        Route.get(ROOT, owners.only(this::list)).with("after", "limit"),
        Route.get(ROOT + "/export", owners.only(this::export)),
        Route.get(ROOT + "/end", owners.only(this::end)));
  }

  private void list(Call call) {
    long after = call.number("after", 0, 0, Long.MAX_VALUE);
    int limit = (int) call.number("limit", DEFAULT_PAGE, 1, LARGEST_PAGE);
    Query.AuditPage page = hub.audit().read(after, limit);
    List<AuditView> entries = new ArrayList<>();
    for (String text : page.lines()) {
      AuditLine line = line(text);
      entries.add(
          new AuditView(
              line.seq(),
              line.at(),
              line.who(),
              line.action(),
              line.object(),
              line.outcome(),
              line.times(),
              line.before()));
    }
    call.json(200, new AuditPage(entries, page.end().seq()));
  }

  private static AuditLine line(String text) {
    try {
      return AuditLine.read(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new AtollException(
          ErrorCode.INTERNAL,
          "an entry of the record was changed in the store: " + e.getMessage(),
          "find out where with `atoll audit verify`, on the hub's machine",
          e);
    }
  }

  private void end(Call call) {
    SignedEnd end = hub.audit().end();
    call.json(
        200, new AuditEndView(end.hub().text(), end.seq(), end.hash(), end.at(), end.signature()));
  }

  /// What is told meanwhile is not in it: the end is that of its beginning.
  private void export(Call call) throws IOException {
    AuditDesk audit = hub.audit();
    SignedEnd end = audit.end();
    call.response().status(200);
    call.response().header(HeaderNames.CONTENT_TYPE, "application/jsonl");
    call.response().header(HeaderValues.CACHE_NO_CACHE);
    try (OutputStream out = new BufferedOutputStream(call.response().outputStream(), 1 << 16)) {
      long done = 0;
      while (done < end.seq()) {
        List<String> lines =
            audit.read(done, (int) Math.min(LARGEST_PAGE, end.seq() - done)).lines();
        if (lines.isEmpty()) {
          break; // entries are missing, which whoever checks the file is told
        }
        for (String line : lines) {
          write(out, line);
        }
        done += lines.size();
      }
      write(out, end.text());
    }
  }

  private static void write(OutputStream out, String line) throws IOException {
    out.write(line.getBytes(StandardCharsets.UTF_8));
    out.write('\n');
  }
}
