package io.atoll.client.cli;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;

/// Signals to this process, by `sun.misc.Signal` (see `Interrupts`).
final class SignalWatch {
  private SignalWatch() {}

  @SuppressWarnings("ReferenceEquality") // what `equals` of a proxy without fields is
  static Interrupts on(String name) {
    return action -> {
      try {
        Class<?> signal = Class.forName("sun.misc.Signal");
        Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
        Object interrupt = signal.getConstructor(String.class).newInstance(name);
        InvocationHandler invocation =
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "handle" -> {
                    Thread.ofPlatform().daemon().name("signal " + name).start(action);
                    yield null;
                  }
                  case "hashCode" -> System.identityHashCode(proxy);
                  case "equals" -> proxy == arguments[0];
                  default -> "interrupt";
                };
        Object handler =
            Proxy.newProxyInstance(
                SignalWatch.class.getClassLoader(), new Class<?>[] {handlerType}, invocation);
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
