/// The journal: damage, crashes, full disks.
package io.atoll.daemon.journal;
