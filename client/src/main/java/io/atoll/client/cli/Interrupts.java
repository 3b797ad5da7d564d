package io.atoll.client.cli;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;

/// What happens on Ctrl-C while a command that follows something runs.
public interface Interrupts {
  /// Calls `action` for each Ctrl-C, on a thread of its own, until closed.
  Watch watch(Runnable action);

  interface Watch extends AutoCloseable {
    @Override
    void close();
  }

  /// Of this process. A shutdown hook cannot do it: once it runs, the process must end, and a
  /// second Ctrl-C is not told to anybody. `sun.misc.Signal` (module jdk.unsupported) is the
  /// JDK's only other way; by reflection, because the compiler warns of it where nothing can
  /// silence it. Where it is missing, Ctrl-C ends the process and the task goes on.
  @SuppressWarnings("ReferenceEquality") // what `equals` of a proxy without fields is
  static Interrupts ofThisProcess() {
    return action -> {
      try {
        Class<?> signal = Class.forName("sun.misc.Signal");
        Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
        Object interrupt = signal.getConstructor(String.class).newInstance("INT");
        InvocationHandler invocation =
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "handle" -> {
                    Thread.ofPlatform().daemon().name("interrupt").start(action);
                    yield null;
                  }
                  case "hashCode" -> System.identityHashCode(proxy);
                  case "equals" -> proxy == arguments[0];
                  default -> "interrupt";
                };
        Object handler =
            Proxy.newProxyInstance(
                Interrupts.class.getClassLoader(), new Class<?>[] {handlerType}, invocation);
        Object before =
            signal.getMethod("handle", signal, handlerType).invoke(null, interrupt, handler);
        return () -> {
          try {
            signal.getMethod("handle", signal, handlerType).invoke(null, interrupt, before);
          } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("the handler of Ctrl-C cannot be put back", e);
          }
        };
      } catch (ReflectiveOperationException | IllegalArgumentException e) {
        return () -> {};
      }
    };
  }
}
