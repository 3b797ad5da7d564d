package io.atoll.daemon;

import io.atoll.client.cli.Cli;

/// The one program: commands that ask a daemon, and those that need one here.
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    Cli cli =
        Cli.ofThisProcess()
            .withSettings(UpSettings.ALL)
            .with("up", UpCommand::new)
            .with("restore", RestoreCommand::new)
            .with("audit", "verify", AuditVerifyVerb::new)
            .with("p2p", "swarm-key", SwarmKeyVerb::new)
            .with("image", ImageNoun::new)
            .with("doctor", DoctorCommand::new)
            .with("demo", DemoCommand::new);
    System.exit(cli.run(arguments));
  }
}
