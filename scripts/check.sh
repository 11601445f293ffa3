#!/usr/bin/env bash
# The quick loop: formatting, lints and the Rust tests. `all` runs the documentation's examples too.
set -euo pipefail
# shellcheck source=scripts/environment.sh
source "$(dirname "$0")/environment.sh"

# Server and browser are compiled apart: in one call, cargo would give `app` the features of both.
readonly server=(--locked -p app -p server --features app/ssr)
readonly browser=(--locked -p app -p frontend --features app/hydrate --lib --target wasm32-unknown-unknown)

rust_tests() {
  if command -v cargo-nextest >/dev/null; then
    cargo nextest run "${server[@]}" --profile "$([[ ${CI:-} == true ]] && echo ci || echo default)"
  else
    cargo test "${server[@]}" --all-targets --no-fail-fast
  fi
}

[[ ${TOOLS_ARE_THERE:-} == yes ]] || scripts/tools.sh check
# The server embeds this folder and does not compile without it; a release build fills it.
mkdir -p target/site
step 'format' cargo fmt --all --check
step 'lints: browser' cargo clippy "${browser[@]}" -- -D warnings
step 'lints: server' cargo clippy "${server[@]}" --all-targets -- -D warnings
step 'Rust tests' rust_tests
if [[ ${1:-} == all ]]; then
  step 'Rust examples in documentation' cargo test "${server[@]}" --doc
fi
