package io.atoll.core.crypto;

import java.util.HexFormat;

/// The public keys of the peer-ids specification, each with its peer id in both texts, and a
/// signature over the ASCII bytes of “atoll” that was made with its private key by js-libp2p
/// (ECDSA:
/// by OpenSSL).
public enum KeyVector {
  ED25519(
      "080112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e",
      "12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq",
      "bafzaajaiaejcahwr5d5ofrfbis4l5d6uwr57hu5tjodrypfm6yaq6dsc2r2pzyt6",
      "b9128416b24bbc2b16d1c3f10b6c6ad020e88440542f7cd86c56e83687be3b13c5a3bd0004ee"
          + "c9613cdc5b263432a718a1df4653355c42fe18a0da2824888e04"),
  SECP256K1(
      "08021221037777e994e452c21604f91de093ce415f5432f701dd8cd1a7a6fea0e630bfca99",
      "16Uiu2HAmLhLvBoYaoZfaMUKuibM6ac163GwKY74c5kiSLg5KvLpY",
      "bafzaajiiaijcca3xo7uzjzcsyilaj6i54cj44qk7kqzpoao5rti2pjx6udtdbp6kte",
      "30440220261b89d0932d215ab79c55403ca02d205d80cd7d5fdb9f01e03e95e168dcf1980220"
          + "1322f4aee51ee38fec6b0ef5ee2b14198458f983a4304d2ffd227b2b6778794e"),
  ECDSA(
      "0803125b3059301306072a8648ce3d020106082a8648ce3d03010703420004de3d300fa36ae0"
          + "e8f5d530899d83abab44abf3161f162a4bc901d8e6ecda020e8b6d5f8da30525e71d6851510c"
          + "098e5c47c646a597fb4dcec034e9f77c409e62",
      "QmVMT29id3TUASyfZZ6k9hmNyc2nYabCo4uMSpDw4zrgDk",
      "bafzbeidigywdclqvl5hxfefwp5onbffcfife7pza57mmfb4tiqmtkdjw64",
      "3046022100eb23ad0d5d054e6038c9f122caa9a03410fac61bbeca4bab0c94ac69dcf928fe02"
          + "2100b902477e59c7d2ce6f1cc1987d48bbdd646a027b46e3d261a06c418b9d942af6"),
  RSA(
      "080012a60430820222300d06092a864886f70d01010105000382020f003082020a0282020100"
          + "e1beab071d08200bde24eef00d049449b07770ff9910257b2d7d5dda242ce8f0e2f12e1af4b3"
          + "2d9efd2c090f66b0f29986dbb645dae9880089704a94e5066d594162ae6ee8892e6ec70701db"
          + "0a6c445c04778eb3de1293aa1a23c3825b85c6620a2bc3f82f9b0c309bc0ab3aeb1873282beb"
          + "d3da03c33e76c21e9beb172fd44c9e43be32e2c99827033cf8d0f0c606f4579326c930eb4e85"
          + "4395ad941256542c793902185153c474bed109d6ff5141ebf9cd256cf58893a37f83729f97e7"
          + "cb435ec679d2e33901d27bb35aa0d7e20561da08885ef0abbf8e2fb48d6a5487047a9ecb1ad4"
          + "1fa7ed84f6e3e8ecd5d98b3982d2a901b4454991766da295ab78822add5612a2df83bcee814c"
          + "f50973e80d7ef38111b1bd87da2ae92438a2c8cbcc70b31ee319939a3b9c761dbc13b5c086d6"
          + "b64bf7ae7dacc14622375d92a8ff9af7eb962162bbddebf90acb32adb5e4e4029f1c96019949"
          + "ecfbfeffd7ac1e3fbcc6b6168c34be3d5a2e5999fcbb39bba7adbca78eab09b9bc39f7fa4b93"
          + "411f4cc175e70c0a083e96bfaefb04a9580b4753c1738a6a760ae1afd851a1a4bdad231cf56e"
          + "9284d832483df215a46c1c21bdf0c6cfe951c18f1ee4078c79c13d63edb6e14feaeffabc90ad"
          + "317e4875fe648101b0864097e998f0ca3025ef9638cd2b0caecd3770ab54a1d9c6ca959b0f5d"
          + "cbc90caeefc4135baca6fd475224269bbe1b0203010001",
      "QmaeANgBs1DTSxWSrPPtobgQuxW8XTfsS4ydbK4rCHzqxG",
      "bafzbeifwzcumbiyql7bhv7fe7mixg6i7aohegq75k234m63bnw6dbicmzu",
      "d2ec23e9e7b6f9c7b79d49175d1c74e2094d18314c3ea903aa8d9bf55bc0a4e10d4e6153562d"
          + "d8b89720c1fc1fd236a344fbf240e5939fe0bca8954345729303b1eac40da4985129ba96f6da"
          + "1b3f62609fbfb8750f714e4900d8b493a8deb7399beae153e0ee0c84ac26cee52ce1260866df"
          + "f5ad05256af42a816659b779773080f84da58b6a2bc8bc2ef67ac30a9b105b31f43f83686758"
          + "73c8307018ab80c9bb7aff8867336e9d6b79c627c2d24a8ea715e0c1d20e54805ba3bc055fc3"
          + "56a4f0e527db31b8aa6be97049d6d51deab0b1919872f64b55bea5b943670fb2e8de9cd46e47"
          + "31c349c00d864403b9fb33ef3739712688333b80befa2b6ea6547188837ecf33943ef4b2e91f"
          + "2d5bc8265271c23ebf1fb56a5883c04a7c66323dc82d74ff060eaea62e8ca6b50f256c79a9a1"
          + "e1a5aa9783c0f6ac2d3fde173cd4c730d1b02067e4a91798b19e3734b2d8a7b6c40647a3f88e"
          + "753e8fc36dd9f869a7025db811dc8687fc1bf3085d4ff6a8120ac2a911b7b8b65630495824ad"
          + "7d03a90f529a95d63725c4c590f6871f7ffcb419585b39fafbb30cc0b7aa0a4a5bab05808bea"
          + "7aa83f63266a1b048a02d89e801774ab3c407b71444e8441708616e90cdb6693d278b497273b"
          + "c281c52e8deb3c5d6ebd12c189a3c6b0d71f5ba5643627076c401226f33a3435ed7447030e5e"
          + "7d015d6459789a77c3b153abe115aa03a55f");

  private final String key;
  private final String peerId;
  private final String cid;
  private final String signature;

  KeyVector(String key, String peerId, String cid, String signature) {
    this.key = key;
    this.peerId = peerId;
    this.cid = cid;
    this.signature = signature;
  }

  public KeyType type() {
    return KeyType.valueOf(name());
  }

  /// The PublicKey message.
  public byte[] key() {
    return HexFormat.of().parseHex(key);
  }

  public String peerId() {
    return peerId;
  }

  public String cid() {
    return cid;
  }

  byte[] signature() {
    return HexFormat.of().parseHex(signature);
  }
}
