/// `atoll doctor`: tries each thing that a daemon needs, beside a daemon that runs, and says what
/// was seen and what to do.
@NullMarked
package io.atoll.daemon.doctor;

import org.jspecify.annotations.NullMarked;
