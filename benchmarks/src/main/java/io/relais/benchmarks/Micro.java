package io.relais.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.NoBenchmarksException;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/// `benchmarks/micro`: single steps of the message path by JMH, in JVMs with the options that a
/// node has, but for a heap that holds a million subscriptions.
///
/// Owner: the main thread.
final class Micro {
  private static final List<String> JVM =
      List.of(
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          "-XX:+UseCompactObjectHeaders",
          "-XX:+UseSerialGC",
          "-Xms2g",
          "-Xmx2g",
          "-Dslf4j.internal.verbosity=ERROR", // it would tell that there is nothing to log to
          "-Dio.netty.buffer.checkBounds=false",
          "-Dio.netty.buffer.checkAccessible=false");

  private static final String USAGE =
      """
      benchmarks/micro [OPTION]... [NAME]...
      Measures single steps of the message path, in one thread: time and garbage of one operation.

        NAME      what a name of a measurement has in it, like codec, TopicTree.match (default: all)
        --quick   one JVM and short runs, for a first look
        --save    writes what is printed to benchmarks/results/DATE-micro.txt as well; never over another
        --help    this text

      Ends with 0; 1 if a measurement failed; 2 if the command line is wrong.
      """;

  /// What the command line asks for.
  record Asked(List<String> names, boolean quick, boolean save, boolean help) {
    Asked {
      names = List.copyOf(names);
    }

    static Asked parse(List<String> words) {
      List<String> names = new ArrayList<>();
      boolean quick = false;
      boolean save = false;
      boolean help = false;
      for (String word : words) {
        switch (word) {
          case "--quick" -> quick = true;
          case "--save" -> save = true;
          case "--help", "-h" -> help = true;
          default -> {
            if (word.startsWith("-")) {
              throw new UsageError("unknown option '" + word + "'; --help lists them");
            }
            names.add(word);
          }
        }
      }
      return new Asked(names, quick, save, help);
    }

    /// As JMH finds measurements: by class and method.
    List<String> patterns() {
      return names.isEmpty()
          ? List.of("io\\.relais\\.")
          : names.stream().map(Asked::pattern).toList();
    }

    private static String pattern(String name) {
      int dot = name.indexOf('.');
      return "(?i)"
          + (dot < 0 ? name : name.substring(0, dot) + "(Benchmark)?\\." + name.substring(dot + 1));
    }
  }

  private Micro() {}

  public static void main(String[] args) throws InterruptedException {
    Program.run(
        "benchmarks/micro",
        args,
        (root, options, children) -> {
          Asked asked = Asked.parse(options);
          if (asked.help()) {
            System.out.print(USAGE);
            return 0;
          }
          try {
            measure(new Bench(root, children), asked, options);
          } catch (NoBenchmarksException none) {
            throw new UsageError(
                "no measurement has such a name; there are Codec, TopicTree, Output");
          } catch (RunnerException failed) {
            throw new IOException(failed.getMessage(), failed);
          }
          return 0;
        });
  }

  private static void measure(Bench bench, Asked asked, List<String> options)
      throws IOException, InterruptedException, RunnerException {
    Machine machine = Machine.here(bench.root(), bench.children());
    int forks = asked.quick() ? 1 : 3;
    int rounds = asked.quick() ? 3 : 5;
    TimeValue round = asked.quick() ? TimeValue.milliseconds(300) : TimeValue.seconds(1);
    ChainedOptionsBuilder chosen =
        new OptionsBuilder()
            .mode(Mode.AverageTime)
            .timeUnit(TimeUnit.NANOSECONDS)
            .forks(forks)
            .threads(1)
            .warmupIterations(rounds)
            .warmupTime(round)
            .measurementIterations(rounds)
            .measurementTime(round)
            .jvmArgs(JVM.toArray(String[]::new))
            .addProfiler(GCProfiler.class)
            .shouldFailOnError(true)
            .verbosity(VerboseMode.SILENT);
    asked.patterns().forEach(chosen::include);
    System.err.println("benchmarks/micro: measuring; nothing is printed until all is done");
    Collection<RunResult> results = new Runner(chosen.build()).run();

    String text =
        "Command: benchmarks/micro %s%n%n%s%n%s%d JVMs, in each %d runs of %s after as many to warm up; one thread; +- half the interval in which the mean lies with 99.9%%%n"
            .formatted(
                String.join(" ", options),
                table(results).text(),
                machine.text(),
                forks,
                rounds,
                round);
    System.out.print(text);
    if (asked.save()) {
      System.out.println("written to " + bench.save("micro", machine, text));
    }
  }

  private static Table table(Collection<RunResult> results) {
    List<List<String>> rows =
        results.stream()
            .sorted(
                Comparator.comparing((RunResult result) -> name(result.getParams()))
                    .thenComparing(result -> result.getParams().id()))
            .map(Micro::row)
            .toList();
    return new Table(List.of("operation", "with", "ns", "+-", "bytes of garbage"), rows, 2, 0);
  }

  private static List<String> row(RunResult result) {
    BenchmarkParams params = result.getParams();
    List<String> with = params.getParamsKeys().stream().map(key -> params.getParam(key)).toList();
    Result<?> time = result.getPrimaryResult();
    Result<?> garbage = result.getSecondaryResults().get("gc.alloc.rate.norm");
    return List.of(
        name(params),
        String.join(", ", with),
        Table.figure(time.getScore()),
        Double.isNaN(time.getScoreError()) ? "-" : Table.figure(time.getScoreError()),
        garbage == null ? "-" : Table.figure(garbage.getScore()));
  }

  /// `Codec.encodeAck`
  private static String name(BenchmarkParams params) {
    String[] parts = params.getBenchmark().split("\\.", -1);
    return parts[parts.length - 2].replace("Benchmark", "") + "." + parts[parts.length - 1];
  }
}
