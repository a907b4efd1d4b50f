#!/bin/sh
# restore.sh BACKUP: bring a backup back, into an EMPTY database and an empty data folder.
# Stop web, worker and beat first. Afterwards: kunxin upgrade, kunxin audit verify, kunxin doctor.
set -eu
refuse() { echo "$1" >&2; exit 2; }
[ $# -eq 1 ] && [ -n "$1" ] || refuse "usage: restore.sh BACKUP"
backup=$1
: "${KUNXIN_DATABASE_URL:?}" "${KUNXIN_DATA_DIR:?}"
umask 077
database=${KUNXIN_OWNER_DATABASE_URL:-$KUNXIN_DATABASE_URL}   # who brings tables back owns them
case $database in postgresql+psycopg://*) ;; *) refuse "no address of PostgreSQL: KUNXIN_DATABASE_URL is postgresql+psycopg://..." ;; esac
url="postgresql:${database#postgresql+psycopg:}"

case ${backup%/} in *.part) refuse "$backup was interrupted while it was made: take another" ;; esac
[ -f "$backup/SHA256SUMS" ] || refuse "$backup is no backup: a folder that backup.sh made holds SHA256SUMS"
(cd "$backup" && sha256sum --check --quiet SHA256SUMS) || refuse "$backup is not as it was made: take another"
if [ "$(psql "$url" -qAtc "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")" != 0 ]; then
  echo "the database is not empty; create a new one and name it in KUNXIN_DATABASE_URL" >&2; exit 1
fi
if [ -e "$KUNXIN_DATA_DIR/files" ]; then
  echo "$KUNXIN_DATA_DIR/files is there already; move it away first" >&2; exit 1
fi
pg_restore --dbname="$url" --no-owner --exit-on-error --single-transaction "$backup/database"
mkdir -p "$KUNXIN_DATA_DIR"
tar -C "$KUNXIN_DATA_DIR" -xf "$backup/files.tar"
roots=${KUNXIN_HISTORY_ROOTS:-$KUNXIN_DATA_DIR/roots}
mkdir -p "$roots"
tar -C "$roots" --skip-old-files -xf "$backup/roots.tar"   # a root is never replaced
later=$(tar -tf "$backup/roots.tar" | { cat; (cd "$roots" && find . -maxdepth 1 -name '*.json'); } | grep '/[0-9]*[.]json$' | sort | uniq -u)
if [ -n "$later" ]; then
  echo "roots of history were made after this backup: $(echo "$later" | tr -d ./json | tr '\n' ' ')" >&2
  echo "they prove what is lost now: kunxin audit verify names it; deploy/runbook.md says how to go on" >&2
fi
if [ "$(id -u)" = 0 ] && { [ -n "${FILES_OWNER:-}" ] || id kunxin > /dev/null 2>&1; }; then
  chown -R "${FILES_OWNER:-kunxin:kunxin}" "$KUNXIN_DATA_DIR" "$roots"   # web and workers read them
fi
echo "restored from $backup"
