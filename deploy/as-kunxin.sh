#!/bin/sh
# as-kunxin.sh COMMAND...: a command as the account kunxin, with the server's settings as its units read them:
#   deploy/as-kunxin.sh kunxin upgrade      deploy/as-kunxin.sh deploy/restore.sh /var/backups/kunxin/MOMENT
set -eu
[ $# -gt 0 ] || { sed -n 's/^# \{0,1\}//p' "$0" >&2; exit 2; }
command -v systemd-run > /dev/null || { echo "there is no systemd here: run the command with the settings of kunxin.env" >&2; exit 2; }
[ "$(id -u)" = 0 ] || { echo "run this as root: it becomes the account kunxin" >&2; exit 2; }
[ -f /etc/kunxin/kunxin.env ] || { echo "/etc/kunxin/kunxin.env is not there: copy deploy/kunxin.env.example and fill it in" >&2; exit 2; }
exec systemd-run --quiet --collect --wait --pty --pipe --service-type=exec \
  --property=User=kunxin --property=Group=kunxin --property=UMask=0077 \
  --property=EnvironmentFile=/etc/kunxin/kunxin.env --property=WorkingDirectory=/opt/kunxin \
  --property=StateDirectory=kunxin --property=StateDirectoryMode=0700 \
  --setenv=PATH=/opt/kunxin/.venv/bin:/usr/bin:/bin ${KUNXIN_OWNER_DATABASE_URL:+--setenv=KUNXIN_OWNER_DATABASE_URL="$KUNXIN_OWNER_DATABASE_URL"} \
  -- /usr/bin/env "$@"
