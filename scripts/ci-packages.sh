#!/usr/bin/env bash
# Installs the Debian packages that the tests need and that are not there yet.
set -euo pipefail

declare -A package_of=(
  [chromium]=chromium
  [promtool]=prometheus
  [epmd]=erlang-base
  [ip]=iproute2
  [nsd]=nsd
  [nft]=nftables
  [kubectl]=kubernetes-client
  [openssl]=openssl
)

missing=()
for command in "${!package_of[@]}"; do
  # Some of them live where only root's path looks.
  PATH="$PATH:/usr/sbin:/sbin" command -v "$command" >/dev/null || missing+=("${package_of[$command]}")
done
if [ "${#missing[@]}" -eq 0 ]; then exit 0; fi

echo "Installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
