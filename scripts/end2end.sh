#!/usr/bin/env bash
# The tests in a browser, against the release that `make build` has left; it is built where there is none. Arguments go to Playwright.
set -euo pipefail
# shellcheck source=scripts/environment.sh
source "$(dirname "$0")/environment.sh"

scripts/tools.sh build
scripts/tools.sh browser
[[ -n ${TIDINGS_BIN:-} || -x target/release/tidings ]] || scripts/build.sh
cd end2end
exec playwright test "$@"
