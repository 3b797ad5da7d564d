package io.atoll.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.nayuki.qrcodegen.QrCode;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is drawn is the code, module by module.
class QrTextTest {
  private static final String CONFIG = "PrivateKey = " + "x".repeat(430);

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void eachLetterIsTwoModules(boolean color) {
    QrCode code = QrCode.encodeText(CONFIG, QrCode.Ecc.LOW);
    QrText text = new QrText(CONFIG);
    List<String> lines = text.lines(color);
    assertThat(lines).hasSize((code.size + 9) / 2);
    for (int row = 0; row < lines.size(); row++) {
      String line = lines.get(row);
      if (color) {
        assertThat(line).startsWith("\u001b[30;107m").endsWith("\u001b[0m");
        line = line.substring(9, line.length() - 4);
      }
      assertThat(line).hasSize(code.size + 8).hasSize(text.columns());
      for (int column = 0; column < line.length(); column++) {
        char letter = line.charAt(column);
        boolean above = letter == '█' || letter == '▀';
        boolean below = letter == '█' || letter == '▄';
        int x = column - 4;
        int y = 2 * row - 4;
        // Without colours what is drawn shines.
        assertThat(above == color).as("%d, %d", x, y).isEqualTo(code.getModule(x, y));
        assertThat(below == color).as("%d, %d", x, y + 1).isEqualTo(code.getModule(x, y + 1));
      }
    }
  }
}
