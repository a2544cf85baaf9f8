package io.relais.cli;

import io.relais.api.ApiFailure;
import io.relais.server.config.InvalidConfiguration;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/// Turns what a command throws into sentences on standard error and an exit code.
final class Failures implements IExecutionExceptionHandler {
  static final int FAILED = 1;
  static final int WRONG_CONFIGURATION = 2;

  @Override
  public int handleExecutionException(Exception thrown, CommandLine command, ParseResult parsed) {
    PrintWriter err = command.getErr();
    int code =
        switch (thrown) {
          case InvalidConfiguration invalid -> {
            invalid.problems().forEach(err::println);
            int count = invalid.problems().size();
            err.println(
                "relais: the configuration has %d problem%s"
                    .formatted(count, count == 1 ? "" : "s"));
            yield WRONG_CONFIGURATION;
          }
          case ApiFailure failure -> {
            err.println("relais: " + failure.getMessage());
            yield FAILED;
          }
          case CommandFailure failure -> {
            err.println("relais: " + failure.getMessage());
            yield FAILED;
          }
          case UncheckedIOException failure -> {
            IOException cause = failure.getCause();
            err.println("relais: " + (cause == null ? failure.getMessage() : sentence(cause)));
            yield FAILED;
          }
          case IOException failure -> {
            err.println("relais: " + sentence(failure));
            yield FAILED;
          }
          default -> {
            err.println("relais: unexpected error; please report it with what follows");
            thrown.printStackTrace(err);
            yield FAILED;
          }
        };
    err.flush();
    return code;
  }

  /// Java's file exceptions have a file name as their whole message.
  private static String sentence(IOException thrown) {
    String message = String.valueOf(thrown.getMessage());
    return switch (thrown) {
      case java.nio.file.NoSuchFileException _ -> message + ": no such file or folder";
      case java.nio.file.AccessDeniedException _ -> message + ": permission denied";
      case java.nio.file.FileAlreadyExistsException _ -> message + " exists already";
      default -> message;
    };
  }
}
