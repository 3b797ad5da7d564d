package io.atoll.daemon.hub.machine;

import io.atoll.core.audit.AuditFact;
import io.atoll.daemon.store.Change;
import io.atoll.daemon.store.InviteRow;

/// The words in which the record tells of requests that were carried out.
final class Audits {
  private record Deed(String action, String object) {}

  private Audits() {}

  /// Told in the same transaction as what the request changed.
  static void tell(Step step, String by, HubEvent.Request request) {
    if (request instanceof HubEvent.Tell) {
      return; // it is an entry itself
    }
    Deed deed = deed(request);
    step.change(
        new Change.Audit(
            new AuditFact(step.now.wall(), by(by, request), deed.action, deed.object, "OK", 1)));
  }

  /// A batch of somebody's commands may outlive the request in which it came.
  private static String by(String by, HubEvent.Request request) {
    return request instanceof HubEvent.Submit submit && by.equals("hub")
        ? "key " + submit.authority().keyId()
        : by;
  }

  private static Deed deed(HubEvent.Request request) {
    return switch (request) {
      case HubEvent.Submit e -> {
        String name = e.spec().name();
        yield new Deed(
            "task.create",
            e.id() + " " + e.spec().workload().driver() + (name == null ? "" : " " + name));
      }
      case HubEvent.StopTask e -> new Deed("task.stop", e.id().text());
      case HubEvent.SuspendTask e ->
          new Deed(e.deep() ? "task.suspend-deep" : "task.suspend", e.id().text());
      case HubEvent.ResumeTask e -> new Deed("task.resume", e.id().text());
      case HubEvent.DeleteTask e -> new Deed("task.delete", e.id().text());
      case HubEvent.NodeJoined e -> new Deed("node.join", e.node().text());
      case HubEvent.NodeForgotten e -> new Deed("node.forget", e.node().text());
      case HubEvent.CreateInvite e -> new Deed("invite.create", invite(e.invite()));
      case HubEvent.UseProviderInvite e -> new Deed("invite.use", "provider " + e.node());
      case HubEvent.UseAppInvite e -> new Deed("invite.use", "app " + e.key().id());
      case HubEvent.RevokeInvite e -> new Deed("invite.revoke", e.id());
      case HubEvent.CreateKey e -> new Deed("key.create", e.key().id() + " " + e.key().name());
      case HubEvent.RevokeKey e -> new Deed("key.revoke", e.id());
      case HubEvent.CreateNetwork e -> new Deed("network.create", e.id() + " " + e.name());
      case HubEvent.RemoveNetwork e -> new Deed("network.remove", e.network());
      case HubEvent.MoveMember e ->
          new Deed("network.move", e.network() + " " + e.member() + " " + e.v4());
      case HubEvent.SetEgress e -> new Deed("network.egress", e.network());
      case HubEvent.TakeSeat e -> new Deed("network.seat", e.network() + " " + e.name());
      case HubEvent.ReserveSeat e -> new Deed("network.reserve", e.network() + " " + e.v4());
      case HubEvent.LeaveSeat e -> new Deed("network.leave", e.network() + " " + e.holder());
      case HubEvent.InviteDevice e ->
          new Deed("device.invite", e.network() + " " + e.id() + " " + e.name());
      case HubEvent.RemoveDevice e -> new Deed("device.remove", e.network() + " " + e.device());
      case HubEvent.KeepNote e -> new Deed("note.keep", e.note().space() + " " + e.note().id());
      case HubEvent.DropNote e -> new Deed("note.drop", e.space() + " " + e.id());
      case HubEvent.Tell e -> new Deed(e.fact().action(), e.fact().object());
    };
  }

  private static String invite(InviteRow invite) {
    return invite.id()
        + switch (invite.role()) {
          case PROVIDER -> " provider";
          case APP -> " app";
        };
  }
}
