package io.relais.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/// What the programs of this module have in common: the way from their arguments to an exit code.
/// 0: done, 1: something failed, 2: wrong usage, 130: interrupted.
final class Program {
  /// The program itself.
  interface Body {
    /// @param root of the repository
    /// @return the exit code
    int run(Path root, List<String> options, Children children)
        throws IOException, InterruptedException;
  }

  private Program() {}

  /// Ends the JVM.
  ///
  /// @param name as users call it, for messages
  /// @param args the root of the repository, and what the user wrote
  static void run(String name, String[] args, Body body) throws InterruptedException {
    Children children = Children.endedAtExit();
    List<String> words = Arrays.asList(args);
    int status;
    try {
      status = body.run(Path.of(words.getFirst()), words.subList(1, words.size()), children);
    } catch (UsageError wrong) {
      System.err.println(name + ": " + wrong.getMessage());
      status = 2;
    } catch (Children.InterruptedRun ending) {
      System.err.println(name + ": interrupted");
      status = 130;
    } catch (IOException broken) {
      if (!children.isEnding()) {
        System.err.println(name + ": " + broken.getMessage());
      }
      status = 1;
    }
    System.exit(status);
  }
}
