package io.atoll.daemon.rest;

/// Who may call a route. All but KEY have `security: []` in the contract, with the reason in
/// `x-atoll-open`.
enum Access {
  /// A caller with a good key.
  KEY,
  /// Anybody.
  ALWAYS,
  /// Anybody on this machine; from elsewhere a caller with a good key.
  LOOPBACK,
  /// Whoever holds the invite in the body.
  INVITE,
  /// Whoever proves a key by the signature in the body, or asks for what to sign.
  PROOF
}
