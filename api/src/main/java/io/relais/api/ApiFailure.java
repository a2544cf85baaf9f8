package io.relais.api;

import org.jspecify.annotations.Nullable;

/// A call that the node did not answer as asked. The message is a sentence for a person.
public final class ApiFailure extends RuntimeException {
  private static final long serialVersionUID = 1;
  private final transient @Nullable Problem problem;

  ApiFailure(String message, @Nullable Problem problem) {
    super(message);
    this.problem = problem;
  }

  static ApiFailure of(Problem problem) {
    var message = new StringBuilder(problem.title());
    if (problem.detail() != null) {
      message.append(": ").append(problem.detail());
    }
    if (problem.errors() != null && problem.errors().size() > 1) {
      for (Problem.FieldError error : problem.errors()) {
        message.append("\n  ").append(error.field()).append(": ").append(error.message());
      }
    }
    return new ApiFailure(message.toString(), problem);
  }

  /// What the node said; null: it said nothing that could be read.
  public @Nullable Problem problem() {
    return problem;
  }
}
