package io.atoll.daemon.peers;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.atoll.client.api.AdvertView;
import io.atoll.core.identity.Identity;
import io.atoll.market.advert.Advert;
import io.atoll.market.advert.AdvertData;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

class HeardAdvertsTest {
  @Test
  void whoReadsAnAdvertisementCanCheckItsSignature() {
    Identity hub = Identity.generate();
    AdvertData data = new AdvertData.OfHub("reef", "1", List.of("/ip4/192.0.2.1/tcp/7464"));
    Advert advert = Advert.sign(hub, data, Instant.now(), Duration.ofMinutes(20));
    AdvertView view = HeardAdverts.view(advert);
    assertThat(view.peer_id()).isEqualTo(hub.id());
    assertThat(view.data().get("type").asText()).isEqualTo("hub");
    assertThat(view.data().get("name").asText()).isEqualTo("reef");
    ByteString signed = ByteString.copyFrom(Base64.getDecoder().decode(view.signature()));
    assertThat(Advert.open(signed)).isEqualTo(advert);
  }
}
