# Sourced by the commands of benchmarks: makes what they need and sets $root, $java and $classes.
# shellcheck shell=sh
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
target=$root/benchmarks/target
classes=$target/classes

is_25() { [ -x "$1/bin/javac" ] && grep -q '^JAVA_VERSION="25[."]' "$1/release" 2>/dev/null; }
jdk=
for candidate in "${RELAIS_JAVA_HOME:-}" "${JAVA_HOME:-}" /usr/lib/jvm/* "$HOME"/.sdkman/candidates/java/*; do
  if [ -n "$candidate" ] && is_25 "$candidate"; then jdk=$candidate; break; fi
done
if [ -z "$jdk" ]; then
  echo "benchmarks: no JDK 25 found: install one, or set RELAIS_JAVA_HOME to its directory" >&2
  exit 2
fi
java=$jdk/bin/java

if ! command -v cc >/dev/null; then
  echo "benchmarks: no C compiler (cc) found: the load generator needs one (Debian: apt-get install gcc libc6-dev)" >&2
  exit 2
fi
mkdir -p "$target/floor"
newer() { [ ! -e "$2" ] || [ -n "$(find "$1" -newer "$2" -print 2>/dev/null | head -n 1)" ]; }
if newer "$root/benchmarks/load/mqttload.c" "$target/mqttload"; then
  cc -O2 -o "$target/mqttload.new" "$root/benchmarks/load/mqttload.c" -lpthread
  mv "$target/mqttload.new" "$target/mqttload"
fi
if newer "$root/benchmarks/load/Floor.java" "$target/floor/Floor.class"; then
  "$jdk/bin/javac" --release 25 -d "$target/floor" "$root/benchmarks/load/Floor.java"
fi
build() {
  touch "$target/harness.stamp.new"
  (cd "$root" && JAVA_HOME=$jdk ./mvnw -q -pl benchmarks -am -Dmaven.test.skip=true -Dspotless.check.skip=true package)
  mv "$target/harness.stamp.new" "$target/harness.stamp"
}
if newer "$root/benchmarks/src/main" "$target/harness.stamp" || newer "$root/benchmarks/pom.xml" "$target/harness.stamp"; then build; fi

# 10,000 connections need as many open files, here and in the broker.
ulimit -n "$(ulimit -H -n)" 2>/dev/null || true
