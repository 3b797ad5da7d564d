@org.jspecify.annotations.NullMarked
package io.atoll.runtime.guest;
