package io.atoll.daemon.provider;

import io.atoll.client.api.TaskSpec;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.PeerId;
import io.atoll.core.json.Json;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.Exit;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.market.activity.Authority;
import io.atoll.market.activity.Desired;
import io.atoll.market.activity.Order;
import io.atoll.market.activity.RunReport;
import io.atoll.market.deploy.DeployFrames;
import io.atoll.market.deploy.DeployProtocol;
import io.atoll.market.deploy.ToRequester.DepResp;
import io.atoll.market.payment.Payments;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.Stream;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Serves the protocol of deployment requests (`market.deploy`): each request is checked, paid for,
/// and given to the peer's `Renter` as an order; nothing is run from here.
final class DeployService {
  /// A peer that does not learn what a request looks like is sent away.
  private static final int MOST_REFUSED = 16;

  private final Runs runs;
  private final Function<PeerId, @Nullable Link> links;
  private final Payments payments;
  private final SecureRandom random = new SecureRandom();
  private final Map<PeerId, Integer> streams = new ConcurrentHashMap<>();

  DeployService(Runs runs, Function<PeerId, @Nullable Link> links, Payments payments) {
    this.runs = runs;
    this.links = links;
    this.payments = payments;
  }

  void serve(Host host) {
    host.handle(DeployProtocol.ID, stream -> serve(host, stream));
  }

  private void serve(Host host, Stream stream) throws IOException, InterruptedException {
    PeerId peer = stream.remote();
    try (DeployStream answers = new DeployStream(stream, runs, () -> host.connected(peer))) {
      if (streams.merge(peer, 1, Integer::sum) > DeployProtocol.MAX_STREAMS) {
        throw new AtollException(
            ErrorCode.TOO_MANY_REQUESTS,
            "you have " + DeployProtocol.MAX_STREAMS + " streams of deployment requests open",
            "one carries any number of jobs");
      }
      var _ = renter(peer);
      converse(stream, answers);
      answers.finish();
    } catch (AtollException e) {
      // said below, where the answers of others do not come in between
      DeployFrames.write(stream.out(), refusal(null, e));
    } finally {
      streams.computeIfPresent(peer, (_, count) -> count == 1 ? null : count - 1);
    }
  }

  /// Who may rent here: a peer with an agreement.
  private Renter renter(PeerId peer) {
    Link link = links.apply(peer);
    if (link instanceof Renter renter) {
      return renter;
    }
    throw link == null
        ? new AtollException(
            ErrorCode.DENIED,
            "this provider does not take deployment requests of peer " + peer,
            "its owner may allow them: `atoll hub allow " + peer + "`")
        : new AtollException(
            ErrorCode.CONFLICT,
            "this provider joined you as a hub",
            "give your orders in its session");
  }

  private void converse(Stream stream, DeployStream answers)
      throws IOException, InterruptedException {
    InputStream in = new BufferedInputStream(stream.in(), 8192);
    int refused = 0;
    for (Optional<byte[]> frame = DeployFrames.read(in);
        frame.isPresent();
        frame = DeployFrames.read(in)) {
      try {
        // asked each time: its owner may have left the peer meanwhile
        answer(renter(stream.remote()), DeployRequest.read(frame.get()), answers);
      } catch (AtollException e) {
        refused++;
        if (refused == MOST_REFUSED) {
          throw e;
        }
        answers.send(refusal(DeployRequest.id(frame.get()), e));
      }
    }
  }

  private void answer(Renter renter, DeployRequest request, DeployStream answers)
      throws IOException, InterruptedException {
    switch (request) {
      case DeployRequest.Deploy deploy -> {
        RentedJob job = deploy(renter, deploy);
        answers.send(DepResp.accepted(deploy.id(), job.task()));
        answers.follow(renter, job, 0);
      }
      case DeployRequest.Follow follow ->
          answers.follow(renter, job(renter, follow.job()), follow.offset());
      case DeployRequest.Stop stop -> renter.stop(job(renter, stop.job()));
    }
  }

  private static RentedJob job(Renter renter, TaskId task) {
    RentedJob job = renter.job(task);
    if (job == null) {
      throw new AtollException(
          ErrorCode.NOT_FOUND,
          "there is no job " + task + " of yours",
          "it ended long ago, or is on another provider");
    }
    return job;
  }

  private RentedJob deploy(Renter renter, DeployRequest.Deploy request)
      throws InterruptedException {
    renter.asking().lockInterruptibly();
    try {
      String id = request.id();
      Optional<RentedJob> same = id == null ? Optional.empty() : renter.called(id);
      if (same.isPresent()) {
        return same.get();
      }
      if (renter.full()) {
        throw new AtollException(
            ErrorCode.TOO_MANY_REQUESTS,
            "you have " + DeployProtocol.MAX_LIVE_JOBS + " jobs here that have not ended",
            "wait for the end of one, or stop it");
      }
      TaskId task = TaskId.random(random);
      Payments.Admitted paid =
          payments.admit(
              renter.peer(), "job:" + (id == null ? task.text() : id), request.payment());
      RentedJob job = renter.submit(order(renter, task, request, paid));
      RunReport report = job.report();
      Exit exit = report == null ? null : report.exit();
      if (exit == null || !exit.neverBegan()) {
        return job;
      }
      renter.forget(task);
      payments.giveBack(paid);
      throw new AtollException(
          ErrorCode.START_FAILED, exit.detail(), "ask for less, or ask another provider");
    } finally {
      renter.asking().unlock();
    }
  }

  private static Order order(
      Renter renter, TaskId task, DeployRequest.Deploy request, Payments.Admitted paid) {
    TaskSpec spec = request.spec();
    return new Order(
        new RunId(task, new Epoch(1, 1)),
        spec.workload(),
        Desired.RUN,
        spec.graceSeconds(),
        spec.timeLimitSeconds(),
        0,
        new Authority(renter.peer().text(), List.of()),
        Json.write(new RentedJob.Note(request.id(), paid.paid())));
  }

  private static DepResp refusal(@Nullable String id, AtollException why) {
    return DepResp.refused(id, why.code().name(), why.text(), why.hint());
  }
}
