#!/bin/sh
# Counts the write calls of a stream of 1 KiB items under strace and prints them for each message.
# Usage: syscalls.sh [PEER [ITEMS [BYTES]]]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
peer=${1:-carrick}
items=${2:-1000000}
bytes=${3:-1024}
if ! command -v strace >/dev/null; then
  echo "strace is not installed: install it to count system calls" >&2
  exit 1
fi
if [ ! -f "$here/target/carrick-benchmarks.jar" ]; then
  mvn -q -f "$here/../pom.xml" -pl benchmarks -am package -DskipTests
fi
dir=$(mktemp -d /tmp/cbs.XXXXXX)
mkfifo "$dir/in" "$dir/out"
trap 'exec 3>&-; rm -rf "$dir"' EXIT
run() { # count file, arguments
  counts=$1
  shift
  strace -f -c --seccomp-bpf -o "$counts" -e trace=write,writev,sendto,sendmsg \
    "${JAVA_HOME:+$JAVA_HOME/bin/}java" -Xms256m -Xmx512m -XX:+UseG1GC -XX:-UsePerfData \
    -cp "$here/target/carrick-benchmarks.jar:$here/target/lib/*" \
    io.carrick.benchmarks.Benchmark "$@"
}
run "$dir/server" serve "$peer" "$dir/s" <"$dir/in" >"$dir/out" &
exec 3>"$dir/in"
read -r ready <"$dir/out"
[ "$ready" = ready ]
run "$dir/client" stream "$peer" "$dir/s" "$items" "$bytes"
exec 3>&-
wait
for side in server client; do
  echo "$side:"
  cat "$dir/$side"
  awk -v items="$items" -v side="$side" '$NF ~ /^(write|writev|sendto|sendmsg)$/ { n += $4 }
    END { printf "%s: %d write calls for %d messages, %.4f a message\n\n", side, n, items, n / items }' \
    "$dir/$side"
done
