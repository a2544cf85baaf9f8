package io.relais.cli.client;

import java.util.Stack;
import picocli.CommandLine.IParameterConsumer;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/// Takes the next argument as it stands, as getopt does, so that a payload or a topic may look like
/// an option (`-m -1`, `-m -q`). Repeatable options hold a `List`.
final class NextArgument implements IParameterConsumer {
  @Override
  @SuppressWarnings("JdkObsolete") // the signature is picocli's
  public void consumeParameters(Stack<String> args, ArgSpec option, CommandSpec command) {
    if (args.isEmpty()) {
      throw new ParameterException(
          command.commandLine(), "The option '" + option + "' needs a value and has none.");
    }
    var value = args.pop();
    if (option.isMultiValue()) {
      java.util.List<String> values = option.getValue();
      values.add(value);
    } else {
      option.setValue(value);
    }
  }
}
