#!/usr/bin/env bash
# Serves a debug build, rebuilds it and reloads the pages when a file changes.
set -euo pipefail
# shellcheck source=scripts/environment.sh
source "$(dirname "$0")/environment.sh"

scripts/tools.sh build
exec cargo-leptos leptos watch -- serve --addr 127.0.0.1:3000 --data data --auth off
