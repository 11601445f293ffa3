#!/usr/bin/env bash
# The tests in a browser, against the binary that was built last. Arguments go to Playwright.
set -euo pipefail
# shellcheck source=scripts/environment.sh
source "$(dirname "$0")/environment.sh"

scripts/tools.sh build
scripts/tools.sh browser
cd end2end
exec playwright test "$@"
