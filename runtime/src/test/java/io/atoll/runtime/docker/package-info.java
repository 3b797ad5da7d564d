/// Tests of the docker driver against a real engine and a real registry, both private to the test.
package io.atoll.runtime.docker;
