package io.atoll.daemon;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.List;

/// The signals by which people and init systems ask a daemon to end: Ctrl-C, `kill`, a terminal
/// that goes away. Handled, so that the exit status says that the end was asked for; left to the
/// JVM it would be 128 + the signal.
///
/// `sun.misc.Signal` (module jdk.unsupported) is the JDK's only way; by reflection, because the
/// compiler warns of it where nothing can silence it.
final class StopSignals {
  private static final List<String> NAMES = List.of("TERM", "INT", "HUP");

  private StopSignals() {}

  /// Runs `action` at each such signal, on a thread of its own. A signal that the parent had us
  /// ignore (nohup) stays ignored; where the module is missing, the JVM does as it always does.
  @SuppressWarnings("ReferenceEquality") // what `equals` of a proxy without fields is
  static void handle(Runnable action) {
    InvocationHandler invocation =
        (proxy, method, arguments) ->
            switch (method.getName()) {
              case "handle" -> {
                Thread.ofPlatform().daemon().name("signal").start(action);
                yield null;
              }
              case "hashCode" -> System.identityHashCode(proxy);
              case "equals" -> proxy == arguments[0];
              default -> "stop";
            };
    for (String name : NAMES) {
      try {
        Class<?> signal = Class.forName("sun.misc.Signal");
        Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
        Object handler =
            Proxy.newProxyInstance(
                StopSignals.class.getClassLoader(), new Class<?>[] {handlerType}, invocation);
        Object named = signal.getConstructor(String.class).newInstance(name);
        var _ = signal.getMethod("handle", signal, handlerType).invoke(null, named, handler);
      } catch (ReflectiveOperationException | IllegalArgumentException e) {
        // Not on this system: the shutdown hook of the daemon serves.
      }
    }
  }
}
