package io.relais.admin;

import io.relais.api.ConfigurationChange;
import io.relais.api.ConfigurationKey;
import io.relais.api.Problem.FieldError;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// The configuration of the node, which the server hands to the API.
public interface RunningConfiguration {

  /// Each key as it is in effect.
  List<ConfigurationKey> keys();

  /// Why a key cannot be set here, as the end of a sentence that begins with the key.
  ///
  /// @return null: it can, unless somebody else has set it
  @Nullable String problemWithSetting(String key);

  /// Where a key, or an entry of the list that it is, was set by somebody else than the API.
  ///
  /// @return null: nowhere
  @Nullable String setElsewhere(String key);

  /// Judges what the API would have set. Reads the file again.
  ///
  /// @param revision that these values would be
  /// @throws Unfit with all that is wrong
  Plan plan(long revision, Map<String, JsonNode> values) throws Unfit;

  /// Judges the file as it is now, with what the API has set.
  ///
  /// @throws Unfit with all that is wrong
  Plan reload() throws Unfit;

  /// A configuration that may come into effect.
  interface Plan {
    List<ConfigurationChange> changes();

    /// Brings it into effect, as far as that needs no restart; whole or not at all.
    ///
    /// @throws IOException naming the address or file that is in the way
    void apply() throws IOException;
  }

  /// A configuration cannot be used.
  final class Unfit extends Exception {
    private static final long serialVersionUID = 1;

    private final transient List<FieldError> errors;

    /// @param errors at keys that the API set, or at places of the file
    public Unfit(List<FieldError> errors) {
      super("The configuration cannot be used");
      this.errors = List.copyOf(errors);
    }

    public List<FieldError> errors() {
      return errors;
    }
  }
}
