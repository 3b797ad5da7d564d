package io.atoll.client.cli;

import io.atoll.client.api.TraceStep;
import io.atoll.client.api.TraceView;
import io.atoll.core.error.ErrorCode;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;

@CommandLine.Command(
    name = "trace",
    header = "Try each way to a peer by itself, and say what it takes or what fails.",
    description = {
      "",
      "The tries are made under another identity: the connections that there are stay. Exit status 8"
          + " if no way leads to the peer."
    },
    footer = {"  atoll p2p trace 12D3KooW…", "  atoll p2p trace reef -o json"})
final class P2pTraceVerb extends Command {
  @Mixin PeerTarget target = new PeerTarget();

  @Override
  protected int run(Context context) {
    context.progress("trying each address for 5 s at most");
    TraceView trace = P2pNoun.reach(context).trace(target.id(), target.addresses());
    if (context.json()) {
      context.printJson(trace);
    } else {
      Table table = new Table("BY", "DIAL", "RTT", "ADDRESS", "WHAT FAILED");
      for (TraceStep step : trace.steps()) {
        table.row(
            step.transport(),
            step.dialMillis() == null ? null : PingCount.millis(step.dialMillis()),
            step.rttMillis() == null ? null : PingCount.millis(step.rttMillis()),
            step.address(),
            step.detail());
      }
      context.print(table);
    }
    return trace.steps().stream().anyMatch(TraceStep::reached)
        ? 0
        : ErrorCode.UNREACHABLE.exitStatus();
  }
}
