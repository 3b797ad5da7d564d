package io.atoll.client;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.error.AtollException;
import java.net.URI;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HubLocationTest {
  @ParameterizedTest
  @ValueSource(strings = {"a\nb", "a b", "schl\u00fcssel", "a\u0000", "a\r"})
  void whatCannotBeAKeyIsRefusedUnsaid(String key) {
    assertThatThrownBy(() -> new HubLocation(URI.create("http://127.0.0.1:1"), key, "ATOLL_KEY"))
        .isInstanceOf(AtollException.class)
        .hasMessageContaining("ATOLL_KEY")
        .message()
        .doesNotContain(key);
  }
}
