#!/bin/sh
# A bootstrap in place of Gradle's wrapper, so that no binary lives in the repository: finds Gradle (or installs it with the
# system's package manager), JDK and Rust, says what to type for whatever it cannot get, then runs Gradle.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
PATH="$HOME/.cargo/bin:$PATH"   # rustup's place: unknown to a shell opened before Rust came, and newer than a distribution's

has() { command -v "$1" >/dev/null 2>&1; }
die() { printf 'Cannot build Sluice: %s\n  Type:  %s\n' "$1" "$2" >&2; exit 1; }

# install <apt package> <brew formula> <what it is for>
install() {
  if has apt-get; then
    root=""; [ "$(id -u)" = 0 ] || root="sudo"
    hint="${root:+sudo }apt-get update && ${root:+sudo }apt-get install -y $1"
    echo "Installing $1 with apt-get ..." >&2
    { $root apt-get update && $root apt-get install -y --no-install-recommends "$1"; } >&2 || die "$3 is missing" "$hint"
  elif has brew; then
    echo "Installing $2 with brew ..." >&2
    brew install "$2" >&2 || die "$3 is missing" "brew install $2"
  else
    die "$3 is missing" "install $3 with your package manager (Debian's package: $1), then ./gradlew again"
  fi
}

java_major() { "${JAVA_HOME:+$JAVA_HOME/bin/}javac" -version 2>&1 | sed -n 's/^javac \([0-9]*\).*/\1/p'; }
rust_minor() { rustc --version 2>/dev/null | sed -n 's/^rustc 1\.\([0-9]*\).*/\1/p'; }

# A run-time Java alone is not enough: the shim is compiled.
[ -n "$(java_major)" ] || install openjdk-17-jdk-headless openjdk@17 "a JDK"
java=$(java_major)
[ "${java:-0}" -ge 17 ] || die "it needs JDK 17 or newer, found ${java:-none}" "export JAVA_HOME=<a JDK of 17 or newer>"

# Distributions carry older Rusts, so this one is the user's to decide.
rust=$(rust_minor)
[ "${rust:-0}" -ge 88 ] || {
  if has rustup; then die "it needs Rust 1.88 or newer, found ${rust:+1.}${rust:-none}" "rustup update stable"; fi
  die "it needs Rust 1.88 or newer, found ${rust:+1.}${rust:-none}" \
    "curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y"
}
has cc || install build-essential gcc "a C compiler"
has gradle || install gradle gradle "Gradle"

exec gradle -p "$here" "$@"
