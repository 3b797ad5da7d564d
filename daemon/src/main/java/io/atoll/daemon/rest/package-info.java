/// The REST surface of a hub. The contract is `openapi.yaml` in the client module; `RestServer`
/// is the only public class that does something, each noun has a resource class that lists its
/// routes.
///
/// A request passes, in order: `Gate` (Host and Origin are ours), the route's `Access` (a key, or
/// why none is needed), the resource's action on `HubApi`. Whatever is thrown becomes a problem
/// (`Problems`). Handlers block on virtual threads.
@NullMarked
package io.atoll.daemon.rest;

import org.jspecify.annotations.NullMarked;
