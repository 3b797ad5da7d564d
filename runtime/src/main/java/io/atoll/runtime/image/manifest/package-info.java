/// The documents that describe a container image, as the OCI image specification 1.1 and Docker's
/// schema 2 write them. They come from anywhere: what is missing, of another type, too large or too
/// many is an `AtollException` BAD_REQUEST that names it.
@NullMarked
package io.atoll.runtime.image.manifest;

import org.jspecify.annotations.NullMarked;
