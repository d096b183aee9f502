#!/bin/sh
# Measures Carrick beside a bare socket, each server in a JVM of its own, and prints Markdown tables.
# About 3 minutes; 40 seconds with --quick. Builds what is missing. Other options: see the usage.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
if [ ! -f "$here/target/carrick-benchmarks.jar" ]; then
  mvn -q -f "$here/../pom.xml" -pl benchmarks -am package -DskipTests
fi
commit=$(git -C "$here" rev-parse --short HEAD 2>/dev/null || echo unknown)
exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" -Xms256m -Xmx512m -XX:+UseG1GC \
  -Dcarrick.commit="$commit" -cp "$here/target/carrick-benchmarks.jar:$here/target/lib/*" \
  io.carrick.benchmarks.Benchmark run "$@"
