#!/usr/bin/env bash
# Everything, on a machine that may have nothing: tools, formatting, lints, Rust tests, release build, and the tests in a
# browser against that release. What cannot be had here is left out, and the last lines say so.
set -euo pipefail
# shellcheck source=scripts/environment.sh
source "$(dirname "$0")/environment.sh"

exec </dev/null
readonly no_browser=3

end_to_end() {
  export TIDINGS_BIN=$project_dir/target/release/tidings
  cd end2end
  playwright test
}

# A missing browser is found out before the long part.
scripts/tools.sh build
export TOOLS_ARE_THERE=yes
browser=0
scripts/tools.sh browser || browser=$?
((browser == 0 || browser == no_browser)) || exit "$browser"
if ((browser == no_browser)); then
  at_the_end 'Left out: the end-to-end tests. They need Chromium: on Debian, apt-get install chromium; elsewhere, npx playwright install --with-deps chromium in end2end.'
fi
if ! command -v cargo-nextest >/dev/null; then
  at_the_end 'Rust tests ran by cargo test, since cargo-nextest is not installed.'
fi

step 'types of the end-to-end tests' tsc --noEmit -p end2end
scripts/check.sh all
scripts/build.sh
if ((browser == 0)); then
  step 'end-to-end tests' end_to_end
  if command -v nginx >/dev/null; then
    at_the_end 'Left out: nothing.'
  else
    at_the_end 'Left out: the end-to-end test behind a proxy. It needs nginx: on Debian, apt-get install nginx-light.'
  fi
fi
