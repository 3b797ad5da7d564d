package io.atoll.client.cli;

import io.nayuki.qrcodegen.QrCode;
import java.util.ArrayList;
import java.util.List;

/// A QR code (ISO/IEC 18004) drawn with letters: each is two modules, one above the other.
final class QrText {
  /// Of light modules, which readers want to see around it.
  private static final int MARGIN = 4;

  private static final String BLACK_ON_WHITE = "\u001b[30;107m";
  private static final String AS_BEFORE = "\u001b[0m";

  private final QrCode code;

  QrText(String text) {
    code = QrCode.encodeText(text, QrCode.Ecc.LOW);
  }

  /// How many letters a line has.
  int columns() {
    return code.size + 2 * MARGIN;
  }

  /// @param color whether it can say what is black and what is white; else it is drawn for
  ///     light letters on a dark ground
  List<String> lines(boolean color) {
    List<String> lines = new ArrayList<>();
    for (int y = -MARGIN; y < code.size + MARGIN; y += 2) {
      StringBuilder line = new StringBuilder(color ? BLACK_ON_WHITE : "");
      for (int x = -MARGIN; x < code.size + MARGIN; x++) {
        boolean above = code.getModule(x, y) == color;
        boolean below = code.getModule(x, y + 1) == color;
        line.append(above ? below ? '█' : '▀' : below ? '▄' : ' ');
      }
      lines.add(line.append(color ? AS_BEFORE : "").toString());
    }
    return lines;
  }
}
