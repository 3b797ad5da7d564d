package io.atoll.runtime.vm;

import io.atoll.runtime.guest.GuestCards;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The network cards of one machine. All sit behind the one door that every machine has, as
/// functions of one device: so templates need no place for each, and a machine without networks is
/// what it would be if there were none. Function 0 is what makes a guest look, so it comes last.
///
/// @param own address of the card by which ports of this host lead in; null: it has none
/// @param networks one card for each
record Adapters(@Nullable String own, GuestCards networks) {
  /// One device.
  ///
  /// @param netdev its other end, QEMU's name for it
  record Adapter(String netdev, String mac, int function, boolean several) {
    /// For the command line.
    String word() {
      String place = several ? "addr=0." + function + ",multifunction=on," : "";
      return "virtio-net-pci,netdev=" + netdev + ",bus=door," + place + "romfile=,mac=" + mac;
    }
  }

  /// In the order in which they are put in.
  List<Adapter> all() {
    List<Adapter> all = new ArrayList<>();
    int first = own == null ? 0 : 1;
    boolean several = first + networks.count() > 1;
    for (int i = networks.count() - 1; i >= 0; i--) {
      String mac = networks.cards().get(i).mac().toString();
      all.add(new Adapter("net" + i, mac, first + i, several));
    }
    if (own != null) {
      all.add(new Adapter("n", own, 0, several));
    }
    return all;
  }
}
