package io.atoll.market.activity;

/// Names and numbers of the protocol between a hub and its providers.
public final class ActivityProtocol {
  /// The long stream of orders and reports; the provider opens it.
  public static final String SESSION = "/atoll/activity/1";

  /// The output of one run; the hub opens one for each reader.
  public static final String OUTPUT = "/atoll/output/1";

  /// What a run uses; the hub opens one for each caller, and asks as often as it likes.
  public static final String USAGE = "/atoll/usage/1";

  /// A command beside a run's payload: the hub opens one to begin it, and one for each connection.
  public static final String EXEC = "/atoll/exec/1";

  /// Snapshots of a run; the hub opens one for each order.
  public static final String SNAPSHOT = "/atoll/snapshot/1";

  /// What a provider's machine is and does; the hub opens one for each question.
  public static final String MACHINE = "/atoll/machine/1";

  /// A published port of a run; the hub opens one for each connection, and one for each flow of
  /// datagrams.
  public static final String PORT = "/atoll/port/1";

  /// What this build understands: the version it is made for and the one before. Version 1 is the
  /// first.
  public static final Versions SPOKEN = new Versions(1, 1);

  private ActivityProtocol() {}
}
