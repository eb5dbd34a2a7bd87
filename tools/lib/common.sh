# What the scripts in tools/ share: they read this first, and then stand in the project's root.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# The system's own Python: the packages that tools/setup installs are not seen by any other.
readonly python=/usr/bin/python3

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

die() {
  say "$*"
  exit 1
}

# Refuses the way in which the script was called: says why, and how it is called.
misused() {
  say "$*"
  awk 'NR > 1 { if (!/^#/) exit; if (/^#   tools/) { sub(/^# */, "  "); print } }' "$script" >&2
  exit 2
}

# Where the first argument asks for help: prints the comment at the head of the script, and ends.
# The script has said where it is, in `script`: $0 may be relative to where it was called.
help_asked() {
  case "${1-}" in
    -h | --help)
      awk 'NR > 1 { if (!/^#/) exit; sub(/^# ?/, ""); print }' "$script"
      exit 0
      ;;
  esac
}
