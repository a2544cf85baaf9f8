# Sourced by benchmarks/durability after load/prepare.sh: fetches HiveMQ CE from Maven Central once and compiles its starter. Without it
# the other brokers can still be measured.
# shellcheck shell=sh
hivemq=$target/hivemq
source=$root/benchmarks/load/hivemq
if newer "$source" "$hivemq/classpath"; then
  rm -rf "$hivemq"
  mkdir -p "$hivemq"
  if (cd "$root" && JAVA_HOME=$jdk ./mvnw -q -B -f "$source/pom.xml" dependency:build-classpath -Dmdep.outputFile="$hivemq/classpath.new") >"$target/hivemq.log" 2>&1 &&
    "$jdk/bin/javac" --release 25 -proc:none -cp "$(cat "$hivemq/classpath.new")" -d "$hivemq" "$source/HiveMqNode.java" >>"$target/hivemq.log" 2>&1; then
    mv "$hivemq/classpath.new" "$hivemq/classpath"
  else
    echo "benchmarks: HiveMQ CE cannot be fetched or compiled (see $target/hivemq.log); --brokers leaves it out" >&2
  fi
fi
