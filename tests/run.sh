#!/bin/sh
# Builds Assay in every way that matters and runs every test, in a temporary folder; the tree stays as it is.
#
#     tests/run.sh [--keep] [STEP...]   all steps, or only the named ones and what they need
#     tests/run.sh --quick              less than three minutes: the steps of daily work
#     tests/run.sh --list               names the steps
#
# Installs missing packages (root). The last line is "N passed, N failed"; status 1 if anything failed.
set -eu
cd "$(dirname "$0")/.."
contrib/install-dependencies.sh test
exec /usr/bin/python3 -B tests/run.py "$@"
