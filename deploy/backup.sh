#!/bin/sh
# backup.sh FOLDER: one backup of the database and of the files, into FOLDER/<moment>/.
# Reads the settings from the environment. Users go on working; nothing is locked.
set -eu
folder=${1:?usage: backup.sh FOLDER}
: "${KUNXIN_DATABASE_URL:?}" "${KUNXIN_DATA_DIR:?}"
umask 077
database=${KUNXIN_OWNER_DATABASE_URL:-$KUNXIN_DATABASE_URL}
made="$folder/$(date -u +%Y%m%dT%H%M%SZ)"
mkdir -p "$folder"
mkdir "$made.part"

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
mv "$made.part" "$made"   # a folder without .part is whole
echo "$made"
