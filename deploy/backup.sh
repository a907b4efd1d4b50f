#!/bin/sh
# backup.sh FOLDER: one backup of the database and of the files, into FOLDER/<moment>/.
# Reads the settings from the environment. Users go on working; nothing is locked.
set -eu
refuse() { echo "$1" >&2; exit 2; }
[ $# -eq 1 ] && [ -n "$1" ] || refuse "usage: backup.sh FOLDER"
folder=$1
: "${KUNXIN_DATABASE_URL:?}" "${KUNXIN_DATA_DIR:?}"
umask 077
database=${KUNXIN_OWNER_DATABASE_URL:-$KUNXIN_DATABASE_URL}
case $database in postgresql+psycopg://*) ;; *) refuse "no address of PostgreSQL: KUNXIN_DATABASE_URL is postgresql+psycopg://..." ;; esac
[ -d "$KUNXIN_DATA_DIR" ] || refuse "the data folder $KUNXIN_DATA_DIR is not there: is its disk mounted?"
made="$folder/$(date -u +%Y%m%dT%H%M%SZ)"
mkdir -p "$folder"
mkdir "$made.part" || refuse "another backup is being made there"
trap 'rm -rf "$made.part"' EXIT   # what is not whole is of no use and takes the room of the next

# The database first: files are only ever added, so those copied after it hold all that it names.
pg_dump --format=custom --no-owner --file="$made.part/database" "postgresql:${database#postgresql+psycopg:}"
mkdir -p "$KUNXIN_DATA_DIR/files"
tar -C "$KUNXIN_DATA_DIR" -cf "$made.part/files.tar" files
roots=${KUNXIN_HISTORY_ROOTS:-$KUNXIN_DATA_DIR/roots}
mkdir -p "$roots"
tar -C "$roots" -cf "$made.part/roots.tar" .   # signed; an auditor's own copy lies elsewhere
if [ -n "${KUNXIN_OBJECT_STORE_URL:-}" ]; then
  echo "papers and letters lie in the object store, which is backed up by itself; here are those of the data folder" >&2
fi
(cd "$made.part" && sha256sum database files.tar roots.tar > SHA256SUMS)
mv "$made.part" "$made"
trap - EXIT   # a folder without .part is whole
echo "$made"
