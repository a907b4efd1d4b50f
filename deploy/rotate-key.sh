#!/bin/sh
# rotate-key.sh ENVFILE: a new KUNXIN_SECRET_KEY; the old one is believed until the next rotation,
# so nobody is signed out. Restart web and workers afterwards (they end gracefully). To end every session at once
# (a key got out): empty KUNXIN_SECRET_KEY_OLD in the file besides.
set -eu
refuse() { echo "$1" >&2; exit 2; }
[ $# -eq 1 ] && [ -n "$1" ] || refuse "usage: rotate-key.sh ENVFILE"
[ -f "$1" ] && [ -r "$1" ] || refuse "$1 is no file that can be read"
file=$(readlink -f "$1")
[ -w "$file" ] && [ -w "$(dirname "$file")" ] || refuse "$file cannot be replaced: run this as its owner"
old=$(sed -n 's/^KUNXIN_SECRET_KEY=//p' "$file" | tail -n 1)   # of several lines systemd heeds the last
[ -n "$old" ] || { echo "$file holds no KUNXIN_SECRET_KEY" >&2; exit 1; }
new=$(openssl rand -hex 32)
part=$(mktemp "$file.XXXXXX")
trap 'rm -f "$part"' EXIT
cp -p "$file" "$part"   # keeps owner and mode
{ grep -v '^KUNXIN_SECRET_KEY\(_OLD\)\{0,1\}=' "$file" || :; echo "KUNXIN_SECRET_KEY=$new"; echo "KUNXIN_SECRET_KEY_OLD=$old"; } > "$part"
mv "$part" "$file"
trap - EXIT
echo "a new key is in $file; now restart the programs: systemctl restart kunxin.target, or docker compose up -d"
