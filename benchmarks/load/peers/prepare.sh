# Sourced after load/prepare.sh by what measures peers that come from Maven Central. `prepare_peer NAME MAIN` fetches one of load/peers
# once and compiles its starter to $target/peers/NAME, with its class path in the file `classpath` there. Without it the other brokers
# can still be measured.
# shellcheck shell=sh
prepare_peer() {
  source=$root/benchmarks/load/peers/$1
  peer=$target/peers/$1
  newer "$source" "$peer/classpath" || return 0
  rm -rf "$peer"
  mkdir -p "$peer"
  if (cd "$root" && JAVA_HOME=$jdk ./mvnw -q -B -f "$source/pom.xml" dependency:build-classpath -Dmdep.outputFile="$peer/classpath.new") >"$target/$1.log" 2>&1 &&
    "$jdk/bin/javac" --release 25 -proc:none -cp "$(cat "$peer/classpath.new")" -d "$peer" "$source/$2.java" >>"$target/$1.log" 2>&1; then
    mv "$peer/classpath.new" "$peer/classpath"
  else
    echo "benchmarks: $1 cannot be fetched from Maven Central or compiled (see $target/$1.log); --brokers leaves it out" >&2
  fi
}
