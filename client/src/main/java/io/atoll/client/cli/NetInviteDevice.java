package io.atoll.client.cli;

import io.atoll.client.api.DeviceInvite;
import io.atoll.client.api.DeviceRequest;
import io.atoll.client.api.DeviceView;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "invite-device",
    header = "Let a telephone or a computer with WireGuard into a network.",
    description = {
      "",
      "Prints the configuration for any client of WireGuard, once: the device's private key is in"
          + " it and nowhere else. The device talks to one node, its door: the hub's own machine,"
          + " or the one that is named. Its UDP port for networks has to be open for the device."
    },
    footer = {
      "  atoll net invite-device mynet phone --qr",
      "  atoll net invite-device mynet laptop --save mynet.conf && wg-quick up ./mynet.conf",
      "  atoll net invite-device mynet laptop --door reef",
      "  atoll net invite-device mynet laptop -o json | jq -r .config"
    })
final class NetInviteDevice extends Command {
  @Parameters(index = "0", paramLabel = "NETWORK", description = "Id or name.")
  String network = "";

  @Parameters(
      index = "1",
      paramLabel = "NAME",
      description = "What it is called there: small letters, digits and hyphens.")
  String name = "";

  @Option(
      names = "--door",
      paramLabel = "NODE",
      description = "The node that it talks to, by id or name (the hub's own machine).")
  @Nullable String door;

  @Option(names = "--qr", description = "Draw a QR code for the WireGuard app of a telephone.")
  boolean qr;

  @Option(
      names = "--save",
      paramLabel = "FILE",
      description = "Write the configuration to a new file that only you can read.")
  @Nullable String save;

  @Override
  protected int run(Context context) {
    if (qr && context.json()) {
      throw usage("--qr draws for people; leave it out with -o json");
    }
    Path file = save == null ? null : created(save);
    DeviceInvite invite;
    try {
      invite = context.hub().privateNetworks().invite(network, new DeviceRequest(name, door));
    } catch (RuntimeException e) {
      if (file != null) {
        BackupCommand.removed(file);
      }
      throw e;
    }
    if (file != null) {
      write(context, file, invite.config());
    }
    if (context.json()) {
      context.printJson(invite);
    } else if (qr) {
      draw(context, new QrText(invite.config()));
    } else if (file != null) {
      context.print(file.toString());
    } else {
      context.bytes(invite.config().getBytes(StandardCharsets.UTF_8));
    }
    if (!context.quiet()) {
      tell(context, invite.device());
    }
    return 0;
  }

  private static void draw(Context context, QrText code) {
    if (context.terminal().width() < code.columns()) {
      context.note(
          "the code needs "
              + code.columns()
              + " columns: make the terminal wider, or its letters"
              + " smaller");
    }
    code.lines(context.color()).forEach(context::print);
  }

  private void tell(Context context, DeviceView device) {
    context.note(
        device.host()
            + " is "
            + device.v4()
            + " and talks to "
            + device.endpoint()
            + "; its private key is not shown again. Remove it: `atoll net remove-device "
            + network
            + " "
            + device.name()
            + "`");
  }

  /// Before the hub is asked: what cannot be written would be lost.
  private static Path created(String name) {
    try {
      Path file = Path.of(name);
      return Files.createFile(file, BackupCommand.readableByOwner(file));
    } catch (FileAlreadyExistsException e) {
      throw new AtollException(
          ErrorCode.CONFLICT, name + " is there already", "choose another file", e);
    } catch (IOException | InvalidPathException e) {
      throw new AtollException(
          ErrorCode.DENIED,
          "cannot write " + name + ": " + e.getMessage(),
          "choose a file in a folder where you may write",
          e);
    }
  }

  private static void write(Context context, Path file, String config) {
    try {
      Files.writeString(file, config);
    } catch (IOException e) {
      context.bytes(config.getBytes(StandardCharsets.UTF_8));
      throw new AtollException(
          ErrorCode.DISK_FULL,
          "cannot write " + file + ", so the configuration is above: " + e.getMessage(),
          "keep it yourself: it is not shown again",
          e);
    }
  }
}
