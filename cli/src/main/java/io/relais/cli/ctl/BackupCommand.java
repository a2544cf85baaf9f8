package io.relais.cli.ctl;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `relais store backup`: a copy of what a running node keeps, through its API.
@Command(
    name = "backup",
    mixinStandardHelpOptions = true,
    description = "Copies everything that a running node keeps into one file.")
public final class BackupCommand implements Callable<Integer> {
  @Mixin ApiOptions options = new ApiOptions();

  @Parameters(paramLabel = "FILE", description = "Where to; an existing file is replaced.")
  Path file = Path.of("relais-backup.zip");

  @Override
  public Integer call() throws IOException {
    return options.run(
        api -> {
          api.download("/api/v1/store/backup", file);
          options.say("%s: %,d bytes".formatted(file, Files.size(file)));
        });
  }
}
