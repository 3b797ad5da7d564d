/// Talks to a hub over HTTP: where it is (`HubLocation`), every operation of the contract
/// (`HubClient`), streams that resume after a broken connection.
@NullMarked
package io.atoll.client;

import org.jspecify.annotations.NullMarked;
