# shellcheck shell=sh
# Sourced, with the top of this tree in $root: what tools/setup.sh fetched because the system's is
# too old is found before the system's.
# shellcheck disable=SC2154 # of the script that sources this
PATH=$root/target/tools/bin:$PATH
export PATH
