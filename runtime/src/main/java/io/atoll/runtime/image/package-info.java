/// Images of this machine: named, by digest, from registries and files, ready for every driver.
@NullMarked
package io.atoll.runtime.image;

import org.jspecify.annotations.NullMarked;
