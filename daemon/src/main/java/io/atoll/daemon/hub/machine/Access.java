package io.atoll.daemon.hub.machine;

import io.atoll.client.api.InviteView;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.PeerId;
import io.atoll.daemon.store.Change;
import io.atoll.daemon.store.InviteRow;
import io.atoll.daemon.store.KeyRow;
import io.atoll.daemon.store.NodeRow;
import io.atoll.daemon.store.Precondition;
import io.atoll.market.agreement.Offer;
import org.jspecify.annotations.Nullable;

/// Who may call and who may join: keys, invites, and the nodes that came by one.
final class Access {
  private static final String ASK_FOR_INVITE = "ask the hub's owner for a new invite";

  private final Memory memory;
  private final Networks networks;

  Access(Memory memory, Networks networks) {
    this.memory = memory;
    this.networks = networks;
  }

  void createInvite(Step step, HubEvent.CreateInvite event) {
    InviteRow invite = event.invite();
    memory.invites.put(invite.hash(), invite);
    step.change(new Change.PutInvite(invite));
    step.event(
        "invite.created", null, null, null, "invite " + invite.id() + " for " + words(invite));
    step.reply(event.ticket(), new Answer.Done());
  }

  private static String words(InviteRow invite) {
    return words(invite.role()) + (invite.peer() == null ? "" : ", " + invite.peer());
  }

  private static String words(InviteView.Role role) {
    return switch (role) {
      case PROVIDER -> "a provider";
      case APP -> "an app";
    };
  }

  void revokeInvite(Step step, HubEvent.RevokeInvite event) {
    InviteRow invite =
        memory.invites.values().stream()
            .filter(row -> row.id().equals(event.id()))
            .findFirst()
            .orElse(null);
    if (invite == null) {
      step.fail(
          event.ticket(),
          ErrorCode.NOT_FOUND,
          "there is no invite " + event.id(),
          "atoll invite list shows the invites");
      return;
    }
    if (invite.usedBy() != null) {
      step.fail(
          event.ticket(),
          ErrorCode.CONFLICT,
          "invite " + event.id() + " was already used by " + invite.usedBy(),
          "remove what came of it instead: the node, or the key");
      return;
    }
    if (invite.revokedAt() == null) {
      put(
          step,
          new InviteRow(
              invite.id(),
              invite.role(),
              invite.hash(),
              invite.createdAt(),
              invite.expiresAt(),
              null,
              step.now.wall()));
      step.event("invite.revoked", null, null, null, "invite " + invite.id());
    }
    step.reply(event.ticket(), new Answer.Done());
  }

  void joinByInvite(Step step, HubEvent.UseProviderInvite event) {
    InviteRow invite = memory.invites.get(event.hash());
    if (invite != null
        && event.node().text().equals(invite.usedBy())
        && memory.nodes.containsKey(event.node())) {
      // Its first answer was lost on the way.
      step.reply(event.ticket(), new Answer.Done());
      return;
    }
    PeerId admitted = invite == null ? null : invite.peer();
    boolean asItself = event.hash().equals(InviteRow.hashOf(event.node()));
    if (invite == null ? asItself : admitted != null && !asItself) {
      step.fail(
          event.ticket(),
          ErrorCode.DENIED,
          "this hub does not admit " + event.node(),
          "its owner does it with `atoll invite create --peer " + event.node() + "`");
      return;
    }
    invite = usable(step, event.ticket(), invite, InviteView.Role.PROVIDER);
    if (invite == null) {
      return;
    }
    use(step, invite, event.node().text());
    join(step, event.node(), event.offer());
    step.reply(event.ticket(), new Answer.Done());
  }

  void joined(Step step, HubEvent.NodeJoined event) {
    join(step, event.node(), event.offer());
    step.reply(event.ticket(), new Answer.Done());
  }

  private void join(Step step, PeerId id, Offer offer) {
    LiveNode known = memory.node(id);
    if (known != null && known.row.offer().equals(offer)) {
      return;
    }
    if (known == null) {
      NodeRow row = new NodeRow(id, offer, step.now.wall());
      LiveNode node = new LiveNode(row, step.now.wall(), step.now.nanos());
      memory.nodes.put(id, node);
      step.change(new Change.PutNode(row));
      memory.grown(node);
      step.event("node.joined", null, id, null, offer.name() + " joined");
      networks.joined(step, node);
    } else {
      changeOffer(step, known, offer);
    }
  }

  /// Takes in what a node sells now.
  void changeOffer(Step step, LiveNode node, Offer offer) {
    if (!node.row.offer().equals(offer)) {
      node.row = new NodeRow(node.id, offer, node.row.joinedAt());
      step.change(new Change.PutNode(node.row));
      memory.grown(node);
      networks.joined(step, node);
    }
  }

  void useAppInvite(Step step, HubEvent.UseAppInvite event) {
    InviteRow invite =
        usable(step, event.ticket(), memory.invites.get(event.hash()), InviteView.Role.APP);
    if (invite == null) {
      return;
    }
    use(step, invite, event.key().id());
    putKey(step, event.key());
    step.event("key.created", null, null, null, "key " + event.key().id() + " by invite");
    step.reply(event.ticket(), new Answer.Done());
  }

  private @Nullable InviteRow usable(
      Step step, long ticket, @Nullable InviteRow invite, InviteView.Role role) {
    String fault;
    String hint = ASK_FOR_INVITE;
    if (invite == null) {
      fault = "the invite is not one of this hub's";
    } else if (invite.role() != role) {
      fault = "the invite is for " + words(invite) + ", not for " + words(role);
      hint =
          switch (invite.role()) {
            case APP ->
                "trade it for a key with `atoll app redeem INVITE`; a provider needs one made by"
                    + " `atoll invite create`";
            case PROVIDER ->
                "let a provider join with it: `atoll join INVITE`; an app needs one made by `atoll"
                    + " invite create --role app`";
          };
    } else if (invite.revokedAt() != null) {
      fault = "the invite was revoked";
    } else if (invite.usedBy() != null) {
      fault = "the invite was already used; each serves once";
    } else if (!step.now.wall().isBefore(invite.expiresAt())) {
      fault = "the invite expired at " + invite.expiresAt();
    } else {
      return invite;
    }
    step.fail(ticket, ErrorCode.INVITE_INVALID, fault, hint);
    return null;
  }

  private void use(Step step, InviteRow invite, String usedBy) {
    step.require(new Precondition.InviteOpen(invite.id()));
    put(
        step,
        new InviteRow(
            invite.id(),
            invite.role(),
            invite.hash(),
            invite.createdAt(),
            invite.expiresAt(),
            usedBy,
            null));
    step.event("invite.used", null, null, null, "invite " + invite.id() + " by " + usedBy);
  }

  private void put(Step step, InviteRow invite) {
    memory.invites.put(invite.hash(), invite);
    step.change(new Change.PutInvite(invite));
  }

  void createKey(Step step, HubEvent.CreateKey event) {
    String publicKey = event.key().publicKey();
    if (publicKey != null) {
      KeyRow same =
          memory.keys.values().stream()
              .filter(key -> publicKey.equals(key.publicKey()))
              .findFirst()
              .orElse(null);
      if (same != null) {
        step.fail(
            event.ticket(),
            ErrorCode.CONFLICT,
            "app " + same.id() + (same.revokedAt() == null ? " has" : " had") + " this key",
            same.revokedAt() == null
                ? "it can be used as it is"
                : "what was revoked stays so: make a new key in another file");
        return;
      }
    }
    putKey(step, event.key());
    step.event("key.created", null, null, null, "key " + event.key().id());
    step.reply(event.ticket(), new Answer.Done());
  }

  void revokeKey(Step step, HubEvent.RevokeKey event) {
    KeyRow key = memory.keys.get(event.id());
    if (key == null) {
      step.fail(
          event.ticket(),
          ErrorCode.NOT_FOUND,
          "there is no key " + event.id(),
          "atoll app list shows the keys");
      return;
    }
    if (key.revokedAt() == null) {
      putKey(step, key.revoked(step.now.wall()));
      step.event("key.revoked", null, null, null, "key " + key.id());
    }
    step.reply(event.ticket(), new Answer.Done());
  }

  private void putKey(Step step, KeyRow key) {
    memory.keys.put(key.id(), key);
    step.change(new Change.PutKey(key));
  }
}
