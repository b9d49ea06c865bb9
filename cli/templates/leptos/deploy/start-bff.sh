#!/bin/sh
# Starts this version's BFF beside those that run already: no instance is ever replaced in place. It announces itself to
# the composer and is asked from then on. Yours may be a container platform: all it has to do is what stands below.
set -eu

version=$(sed -n 's/^version = "\(.*\)"/\1/p' marquetry.toml | head -n 1)
home=${BFF_HOME:-$HOME/.local/share/marquetry}/{{app}}
mkdir -p "$home/bin" "$home/data"
cp target/release/{{app}}-bff "$home/bin/{{app}}-$version"

export MARQUETRY_DATA_DIR="$home/data"
if command -v systemd-run >/dev/null && systemctl --user is-system-running >/dev/null 2>&1; then
  systemd-run --user --unit "{{app}}-$version" --property Restart=on-failure \
    --setenv MARQUETRY_ADMIN --setenv MARQUETRY_TOKEN --setenv MARQUETRY_TOKEN_FILE --setenv MARQUETRY_LISTEN --setenv MARQUETRY_ORIGIN --setenv MARQUETRY_LOG --setenv MARQUETRY_DATA_DIR \
    "$home/bin/{{app}}-$version"
else
  setsid "$home/bin/{{app}}-$version" >"$home/$version.log" 2>&1 </dev/null &
fi
