package io.relais.cli;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// SIGHUP, which tells daemons to read their configuration again; without this it would end the
/// node. The JDK has no other way to a signal than `sun.misc.Signal`, whose use is a warning that
/// cannot be turned off; hence by reflection.
final class HangUp {
  private static final Logger LOG = LoggerFactory.getLogger(HangUp.class);

  private HangUp() {}

  /// @param then runs on a thread of its own for each signal
  static void calls(Runnable then) {
    InvocationHandler handler =
        (proxy, method, arguments) ->
            switch (method.getName()) {
              case "handle" -> {
                Thread.ofPlatform().name("relais-reload").start(then);
                yield null;
              }
              case "equals" -> arguments != null && proxy == arguments[0];
              case "hashCode" -> System.identityHashCode(proxy);
              default -> "HangUp";
            };
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> listener = Class.forName("sun.misc.SignalHandler");
      Object hup = signal.getConstructor(String.class).newInstance("HUP");
      var _ =
          signal
              .getMethod("handle", signal, listener)
              .invoke(
                  null,
                  hup,
                  Proxy.newProxyInstance(
                      HangUp.class.getClassLoader(), new Class<?>[] {listener}, handler));
    } catch (ReflectiveOperationException e) {
      LOG.debug("SIGHUP cannot be caught here", e);
    }
  }
}
