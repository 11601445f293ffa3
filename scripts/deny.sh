#!/usr/bin/env bash
# Licences, advisories and sources of all dependencies, as deny.toml allows them.
set -euo pipefail
# shellcheck source=scripts/environment.sh
source "$(dirname "$0")/environment.sh"

command -v cargo-deny >/dev/null || die 'cargo-deny is missing: cargo install cargo-deny --locked'
exec cargo deny --locked --all-features check
