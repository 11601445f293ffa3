#!/usr/bin/env bash
# The criterion benches of server/benches. Arguments go to criterion: a name filters, --save-baseline and --baseline compare.
set -euo pipefail
# shellcheck source=scripts/environment.sh
source "$(dirname "$0")/environment.sh"

scripts/tools.sh check
mkdir -p target/site
exec cargo bench --locked -p server --benches -- "$@"
