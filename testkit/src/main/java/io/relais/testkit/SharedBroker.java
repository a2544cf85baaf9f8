package io.relais.testkit;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/// Gives tests a `Clients` parameter on one broker that all test classes of this JVM share; it is
/// started by the first test that asks and ends with the run. The failure of such a test shows what
/// its clients said.
final class SharedBroker implements ParameterResolver, TestExecutionExceptionHandler {
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(SharedBroker.class);

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Clients.class;
  }

  @Override
  public Clients resolveParameter(ParameterContext parameter, ExtensionContext context) {
    BrokerUnderTest broker =
        context
            .getRoot()
            .getStore(NAMESPACE)
            .computeIfAbsent("broker", _ -> BrokerUnderTest.start(), BrokerUnderTest.class);
    Clients clients = new Clients(broker);
    // JUnit closes what its stores hold when their context ends: here with the test.
    context.getStore(NAMESPACE).put("clients", clients);
    return clients;
  }

  @Override
  public void handleTestExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    Clients clients = context.getStore(NAMESPACE).get("clients", Clients.class);
    if (clients != null) {
      failure.addSuppressed(new Conversations(clients.conversations()));
    }
    throw failure;
  }

  /// Carries the conversations into the report of a failure; has no stack trace.
  private static final class Conversations extends Throwable {
    private static final long serialVersionUID = 1L;

    Conversations(String told) {
      super("what was said:\n" + told, null, false, false);
    }
  }
}
