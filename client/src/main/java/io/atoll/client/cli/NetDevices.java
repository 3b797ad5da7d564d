package io.atoll.client.cli;

import io.atoll.client.PrivateNetworkClient;
import io.atoll.client.api.DeviceView;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

/// The devices of a network.
final class NetDevices {
  private NetDevices() {}

  @CommandLine.Command(
      name = "devices",
      header = "List the telephones and computers that were let into a network.",
      footer = {"  atoll net devices mynet", "  atoll net devices mynet -q"})
  static final class ListVerb extends Command {
    @Parameters(paramLabel = "NETWORK", description = "Id or name.")
    String network = "";

    @Override
    protected int run(Context context) {
      List<DeviceView> devices = context.hub().privateNetworks().devices(network);
      if (context.json()) {
        context.printJson(devices);
      } else if (context.quiet()) {
        devices.forEach(device -> context.print(device.name()));
      } else {
        Table table = new Table("NAME", "ADDRESS", "IPV6", "DOOR", "ENDPOINT", "ID");
        for (DeviceView device : devices) {
          table.row(
              device.name(),
              device.v4(),
              device.v6(),
              device.doorName() == null ? "hub" : device.doorName(),
              device.endpoint(),
              device.id());
        }
        context.print(table);
      }
      return 0;
    }
  }

  @CommandLine.Command(
      name = "remove-device",
      header = "Let devices into a network no longer.",
      footer = {"  atoll net remove-device mynet phone"})
  static final class RemoveVerb extends Command {
    @Parameters(index = "0", paramLabel = "NETWORK", description = "Id or name.")
    String network = "";

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "NAME", description = "Name or id.")
    List<String> devices = List.of();

    @Override
    protected int run(Context context) {
      PrivateNetworkClient hub = context.hub().privateNetworks();
      for (String device : devices) {
        hub.removeDevice(network, device);
        context.print(device);
      }
      return 0;
    }
  }
}
