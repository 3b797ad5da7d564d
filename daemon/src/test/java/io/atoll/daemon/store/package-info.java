/// What every store must do, and a store without a disk for simulations.
package io.atoll.daemon.store;
