#!/bin/sh
# The first start of a new database in containers: the account of web and workers, which owns nothing.
set -eu
psql --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" --quiet --no-psqlrc -v ON_ERROR_STOP=1 -v "password=$DATABASE_PASSWORD" <<'SQL'
CREATE ROLE kunxin LOGIN PASSWORD :'password';
SQL
