#!/bin/sh
# The rules of the house that a machine can check: sizes, branch points, includes, names, format, words.
#
#     tests/shape.sh [BUILD]     BUILD is the folder with libassay.a (default: the tree), for the names of symbols
#
# Wants universal-ctags, clang-format and binutils. One line a rule; status 1 if any is broken.
cd "$(dirname "$0")/.." || exit 1
exec /usr/bin/python3 -B tests/shape.py "${1:-.}"
