package io.atoll.p2p.security.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.testing.Fuzz;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.KeyPairGenerator;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The certificates published in the tls specification of libp2p, and some that nobody publishes.
class CertificateVectorTest {
  /// What the four have in common: version, serial, P-256 key, names, 1975 to 4096.
  private static final String COMMON =
      "0201020204499602d2300a06082a8648ce3d040302302031123010060355040a13096c69627032702e696f310a"
          + "300806035504051301313020170d3735303130313133303030305a180f34303936303130313133303030"
          + "305a302031123010060355040a13096c69627032702e696f310a30080603550405130131305930130607"
          + "2a8648ce3d020106082a8648ce3d030107034200040c901d423c831ca85e27c73c263ba132721bb9d7a8"
          + "4c4f0380b2a6756fd601331c8870234dec878504c174144fa4b14b66a651691606d8173e55bd37e38156"
          + "9ea3";

  private static final String ECDSA_KEY =
      "045f0803125b3059301306072a8648ce3d020106082a8648ce3d03010703420004bf30511f909414ebdd3242178f"
          + "d290f093a551cf75c973155de0bb5a96fedf6cb5d52da7563e794b512f66e60c7f55ba8a3acf3dd72a80"
          + "1980d205e8a1ad29f2";

  private static final String ED25519 =
      "308201ae30820156a003"
          + COMMON
          + "7c307a3078060a2b0601040183a25a0101046a3068042408011220a77f1d92fedb59dddaea5a1c4abd1ac2fb"
          + "de7d7b879ed364501809923d7c11b90440d90d2769db992d5e6195dbb08e706b6651e024fda6cfb8846694"
          + "a435519941cac215a8207792e42849cccc6cd8136c6e4bde92a58c5e08cfd4206eb5fe0bf909300a06082a"
          + "8648ce3d0403020346003043021f50f6b6c52711a881778718238f650c9fb48943ae6ee6d28427dc6071ae"
          + "55e702203625f116a7a454db9c56986c82a25682f7248ea1cb764d322ea983ed36a31b77";

  private static final String ECDSA =
      "308201f63082019da003"
          + COMMON
          + "81c23081bf3081bc060a2b0601040183a25a01010481ad3081aa"
          + ECDSA_KEY
          + "044730450220064ea8124774caf8f50e57f436aa62350ce652418c019df5d98a3ac666c9386a022100aa59d7"
          + "04a931b5f72fb9222cb6cc51f954d04a4e2e5450f8805fe8918f71eaae300a06082a8648ce3d0403020347"
          + "0030440220799395b0b6c1e940a7e4484705f610ab51ed376f19ff9d7c16757cfbf61b8d4302206205c03f"
          + "bb0f95205c779be86581d3e31c01871ad5d1f3435bcf375cb0e5088a";

  private static final String SECP256K1 =
      "308201ba3082015fa003"
          + COMMON
          + "8184308181307f060a2b0601040183a25a01010471306f0425080212210206dc6968726765b820f050263ece"
          + "cf7f71e4955892776c0970542efd689d2382044630440220145e15a991961f0d08cd15425bb95ec93f6ffa"
          + "03c5a385eedc34ecf464c7a8ab022026b3109b8a3f40ef833169777eb2aa337cfb6282f188de0666d1bcec"
          + "2a4690dd300a06082a8648ce3d0403020349003046022100e1a217eeef9ec9204b3f774a08b70849646b6a"
          + "1e6b8b27f93dc00ed58545d9fe022100b00dafa549d0f03547878338c7b15e7502888f6d45db387e5ae6b5"
          + "d46899cef0";

  /// It claims a host key that did not sign.
  private static final String INVALID =
      "308201f73082019da003"
          + COMMON
          + "81c23081bf3081bc060a2b0601040183a25a01010481ad3081aa"
          + ECDSA_KEY
          + "04473045022100bb6e03577b7cc7a3cd1558df0da2b117dfdcc0399bc2504ebe7de6f65cade72802206de96e"
          + "2a5be9b6202adba24ee0362e490641ac45c240db71fe955f2c5cf8df6e300a06082a8648ce3d0403020348"
          + "003045022100e847f267f43717358f850355bdcabbefb2cfbf8a3c043b203a14788a092fe8db022027c1d0"
          + "4a2d41fd6b57a7e8b3989e470325de4406e52e084e34a3fd56eef0d0df";

  /// Published with the revision before: its issuer has no name, as js-libp2p still has it.
  private static final String NAMELESS =
      "308201773082011ea003020102020900f5bd0debaa597f52300a06082a8648ce3d04030230003020170d37353031"
          + "30313030303030305a180f34303936303130313030303030305a30003059301306072a8648ce3d020106"
          + "082a8648ce3d030107034200046bf9871220d71dcb3483ecdfcbfcc7c103f8509d0974b3c18ab1f1be13"
          + "02d643103a08f7a7722c1b247ba3876fe2c59e26526f479d7718a85202ddbe47562358a37f307d307b06"
          + "0a2b0601040183a25a01010101ff046a30680424080112207fda21856709c5ae12fd6e8450623f15f119"
          + "55d384212b89f56e7e136d2e17280440aaa6bffabe91b6f30c35e3aa4f94b1188fed96b0ffdd393f4c58"
          + "c1c047854120e674ce64c788406d1c2c4b116581fd7411b309881c3c7f20b46e54c7e6fe7f0f300a0608"
          + "2a8648ce3d040302034700304402207d1a1dbd2bda235ff2ec87daf006f9b04ba076a5a5530180cd9c2e"
          + "8f6399e09d0220458527178c7e77024601dbb1b256593e9b96d961b96349d1f560114f61a87595";

  @BeforeAll
  static void readNamelessOnes() {
    NamelessCertificates.install();
    NamelessCertificates.install();
  }

  private static PeerId judged(byte[] certificate) throws CertificateException {
    X509Certificate read =
        (X509Certificate)
            CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(certificate));
    return PeerId.of(PeerCertificate.judge(new X509Certificate[] {read}, null));
  }

  @ParameterizedTest
  @CsvSource({
    ED25519 + ",12D3KooWM6CgA9iBFZmcYAHA6A2qvbAxqfkmrYiRQuz3XEsk4Ksv",
    ECDSA + ",QmfXbAwNjJLXfesgztEHe8HwgVDCMMpZ9Eax1HYq6hn9uE",
    SECP256K1 + ",16Uiu2HAkutTMoTzDw1tCvSRtu6YoixJwS46S1ZFxW8hSx9fWHiPs",
    NAMELESS + ",12D3KooWJRSrypvnpHgc6ZAgyCni4KcSmbV7uGRaMw5LgMKT18fq"
  })
  void theValidOnesNameTheirPeer(String hex, String peer) throws Exception {
    assertThat(judged(HexFormat.of().parseHex(hex))).isEqualTo(new PeerId(peer));
  }

  @Test
  void theInvalidOneIsRefused() {
    assertThatThrownBy(() -> judged(HexFormat.of().parseHex(INVALID)))
        .isInstanceOf(CertificateException.class)
        .hasMessage("the host key did not sign for this certificate");
  }

  @Test
  void ourOwnNamesUsAndNobodyElse() throws Exception {
    Identity alice = Identity.generate();
    X509Certificate[] chain = {HostCertificate.of(alice).certificate()};
    assertThat(judged(chain[0].getEncoded())).isEqualTo(alice.id());
    assertThatThrownBy(() -> PeerCertificate.judge(chain, Identity.generate().id()))
        .hasMessage("somebody else is there: " + alice.id());
    assertThatThrownBy(
            () -> PeerCertificate.judge(new X509Certificate[] {chain[0], chain[0]}, null))
        .hasMessageContaining("shows one certificate");
  }

  @Test
  void beforeAndAfterItsTimeItIsRefused() throws Exception {
    Identity alice = Identity.generate();
    var pair = KeyPairGenerator.getInstance("EC").generateKeyPair();
    Instant late = Instant.now().plus(Duration.ofHours(2));
    X509Certificate early = HostCertificate.certify(alice, pair, late);
    assertThatThrownBy(() -> judged(early.getEncoded())).isInstanceOf(CertificateException.class);
    Instant longAgo = Instant.now().minus(Duration.ofDays(101 * 365));
    X509Certificate old = HostCertificate.certify(alice, pair, longAgo);
    assertThatThrownBy(() -> judged(old.getEncoded())).isInstanceOf(CertificateException.class);
  }

  @Test
  void datesThatAreNoneAreRefused() throws Exception {
    byte[] nameless = HexFormat.of().parseHex(NAMELESS);
    String text = new String(nameless, StandardCharsets.ISO_8859_1);
    int date = text.indexOf("40960101000000Z");
    assertThat(date).isPositive();
    nameless[date + 10] = ',';
    assertThatThrownBy(() -> judged(nameless))
        .isInstanceOf(CertificateException.class)
        .hasMessage("the certificate's dates cannot be read");
  }

  @Test
  void changedBytesNameNobodyElse() throws Exception {
    Identity alice = Identity.generate();
    byte[] good = HostCertificate.of(alice).certificate().getEncoded();
    byte[] nameless = HexFormat.of().parseHex(NAMELESS);
    Set<PeerId> known = Set.of(alice.id(), judged(nameless));
    Fuzz.rounds(
        "certificates",
        1_000,
        random -> {
          byte[] changed = Fuzz.bytes(random, List.of(good, nameless));
          try {
            assertThat(known).contains(judged(changed));
          } catch (CertificateException refused) {
            // As nearly all are; a change after the end, or in how a length is written, is none.
          }
        });
  }
}
