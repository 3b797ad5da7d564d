package io.atoll.daemon;

import io.atoll.client.api.EgressView;
import io.atoll.client.api.ExecRequest;
import io.atoll.client.api.InviteView;
import io.atoll.client.api.MemberView;
import io.atoll.client.api.NetworkView;
import io.atoll.client.api.NodeView;
import io.atoll.client.api.SnapshotList;
import io.atoll.client.api.TaskSpec;
import io.atoll.client.api.TaskStats;
import io.atoll.client.api.TaskView;
import io.atoll.client.request.NetMapping;
import io.atoll.core.audit.SignedEnd;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.exec.ExecLine;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.IpAddress;
import io.atoll.core.term.SnapshotName;
import io.atoll.core.term.TaskId;
import io.atoll.daemon.hub.AppLogins;
import io.atoll.daemon.hub.AuditDesk;
import io.atoll.daemon.hub.HubApi;
import io.atoll.daemon.hub.Secrets;
import io.atoll.daemon.provider.Provider;
import io.atoll.daemon.store.KeyRow;
import io.atoll.daemon.store.Query.AuditPage;
import io.atoll.daemon.store.Query.EventPage;
import io.atoll.market.activity.SnapshotMessage.Verb;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The API of a daemon without the hub's role: it knows its own key, its health, and that whatever
/// else is asked has to be asked of a hub.
final class NoHub implements HubApi {
  private final KeyRow local;
  private final @Nullable Provider provider;

  /// @param secret of the one key, which lies in the data folder
  NoHub(String secret, @Nullable Provider provider) {
    this.local = new KeyRow("local", "local", Secrets.hash(secret), Instant.now(), null);
    this.provider = provider;
  }

  private static AtollException noHub() {
    return new AtollException(
        ErrorCode.NOT_FOUND,
        "this daemon is a provider and no hub",
        "ask the hub that it joined: set ATOLL_HUB and ATOLL_KEY");
  }

  @Override
  public Optional<KeyRow> authenticate(String secret) {
    return local.hash().equals(Secrets.hash(secret)) ? Optional.of(local) : Optional.empty();
  }

  @Override
  public List<String> notReady() {
    return provider == null ? List.of() : provider.notReady();
  }

  @Override
  public AppLogins logins() {
    throw noHub();
  }

  @Override
  public KeyRow createApp(String name, byte[] publicKey) {
    throw noHub();
  }

  /// What this daemon does for its owner alone is on no hub's record.
  @Override
  public AuditDesk audit() {
    return new AuditDesk() {
      @Override
      public AuditPage read(long after, int limit) {
        throw noHub();
      }

      @Override
      public SignedEnd end() {
        throw noHub();
      }

      @Override
      public void tell(String action, String object, String outcome) {}

      @Override
      public void tellOften(String action, String object, String outcome) {}
    };
  }

  @Override
  public TaskView submit(
      TaskSpec spec, String keyId, @Nullable String idempotencyKey, String bodyHash) {
    throw noHub();
  }

  @Override
  public TaskView task(String task) {
    throw noHub();
  }

  @Override
  public List<TaskView> tasks(boolean ended, @Nullable TaskId before, int limit) {
    throw noHub();
  }

  @Override
  public TaskView stop(String task) {
    throw noHub();
  }

  @Override
  public TaskView suspend(String task, boolean deep) {
    throw noHub();
  }

  @Override
  public TaskView resume(String task) {
    throw noHub();
  }

  @Override
  public void delete(String task) {
    throw noHub();
  }

  @Override
  public EventPage events(long after, @Nullable TaskId task, int limit, Duration wait) {
    throw noHub();
  }

  @Override
  public Output output(String task, @Nullable String run, long offset, boolean follow) {
    throw noHub();
  }

  @Override
  public void exec(String task, ExecRequest request) {
    throw noHub();
  }

  @Override
  public ExecLine attach(String task, String session) {
    throw noHub();
  }

  @Override
  public TaskStats stats(String task) {
    throw noHub();
  }

  @Override
  public SnapshotList snapshots(String task, Verb verb, @Nullable SnapshotName name) {
    throw noHub();
  }

  @Override
  public NetworkView createNetwork(NetMapping.Wanted wanted) {
    throw noHub();
  }

  @Override
  public List<NetworkView> networks() {
    throw noHub();
  }

  @Override
  public NetworkView network(String network) {
    throw noHub();
  }

  @Override
  public List<MemberView> members(String network) {
    throw noHub();
  }

  @Override
  public MemberView moveMember(String network, String member, IpAddress address) {
    throw noHub();
  }

  @Override
  public EgressView egress(String network) {
    throw noHub();
  }

  @Override
  public EgressView setEgress(String network, EgressView egress) {
    throw noHub();
  }

  @Override
  public void removeNetwork(String network) {
    throw noHub();
  }

  @Override
  public List<NodeView> nodes() {
    throw noHub();
  }

  @Override
  public NodeView node(String node) {
    throw noHub();
  }

  @Override
  public Duration ping(String node) {
    throw noHub();
  }

  @Override
  public void forgetNode(String node) {
    throw noHub();
  }

  @Override
  public InviteView createInvite(InviteView.Role role, Duration validFor) {
    throw noHub();
  }

  @Override
  public InviteView admit(PeerId peer, Duration validFor) {
    throw noHub();
  }

  @Override
  public List<InviteView> invites() {
    throw noHub();
  }

  @Override
  public void revokeInvite(String id) {
    throw noHub();
  }

  @Override
  public String redeemAppInvite(String invite, String name) {
    throw noHub();
  }

  @Override
  public List<KeyRow> keys() {
    throw noHub();
  }

  @Override
  public void revokeKey(String id) {
    throw noHub();
  }

  @Override
  public void backup(Path file) {
    throw noHub();
  }
}
