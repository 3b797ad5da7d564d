package io.atoll.core.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.atoll.core.crypto.KeyVector;
import io.atoll.core.crypto.PublicKey;
import io.atoll.core.multiformat.Multihash;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PeerIdTest {
  @ParameterizedTest
  @EnumSource
  void namesTheKeysOfTheSpecification(KeyVector vector) {
    PeerId id = PeerId.of(PublicKey.decode(vector.key()));
    assertThat(id.text()).isEqualTo(vector.peerId());
    assertThat(PeerId.parse(vector.cid())).isEqualTo(id);
    assertThat(PeerId.parse(vector.peerId())).isEqualTo(id);
    assertThat(PeerId.of(id.bytes())).isEqualTo(id);
    assertThat(Multihash.cid(id.bytes())).isEqualTo(vector.cid());
  }

  @Test
  void readsTheExamplesOfTheSpecification() {
    assertThat(PeerId.parse("bafzbeie5745rpv2m6tjyuugywy4d5ewrqgqqhfnf445he3omzpjbx5xqxe"))
        .isEqualTo(PeerId.parse("QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N"));
    assertThat(PeerId.parse("12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA").bytes())
        .hasSize(38)
        .startsWith(0x00, 0x24, 0x08, 0x01, 0x12, 0x20);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1",
        "Qm",
        "bafz",
        "hello",
        "12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5S",
        "12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5S0",
        "bafkreie5745rpv2m6tjyuugywy4d5ewrqgqqhfnf445he3omzpjbx5xqxe",
        "QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5Nx"
      })
  void refusesWhatIsNoPeerId(String text) {
    assertThatThrownBy(() -> PeerId.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void isItsTextInJson() throws Exception {
    PeerId id = Identity.generate().id();
    var json = new ObjectMapper();
    assertThat(json.writeValueAsString(id)).isEqualTo('"' + id.text() + '"');
    assertThat(json.readValue('"' + id.text() + '"', PeerId.class)).isEqualTo(id);
  }
}
