#!/bin/sh
# Creates the roles of the site: `recruit_owner` owns the tables and migrates them, `recruit_site`
# reads and writes rows, `recruit_monitor` reads PostgreSQL's statistics for Prometheus and no
# table. None is a superuser. The image runs this script when it creates the
# database. For a database of an older version run it by hand; it may run any number of times:
#   docker compose --file deploy/compose.yml exec postgres sh /docker-entrypoint-initdb.d/roles.sh
set -eu
export SECRETS="${SECRETS:-/run/secrets}"
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" << 'SQL'
\set owner_password `cat "$SECRETS/owner_password"`
\set site_password `cat "$SECRETS/site_password"`
\set monitor_password `cat "$SECRETS/monitor_password"`
SELECT format('CREATE ROLE %I LOGIN', name)
FROM (VALUES ('recruit_owner'), ('recruit_site'), ('recruit_monitor')) AS wanted (name)
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
ALTER ROLE recruit_owner NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'owner_password';
ALTER ROLE recruit_site NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'site_password';
ALTER ROLE recruit_monitor NOSUPERUSER NOCREATEDB NOCREATEROLE CONNECTION LIMIT 3
    PASSWORD :'monitor_password';
-- A locked table costs its own figures only, and no connection for longer.
ALTER ROLE recruit_monitor SET lock_timeout = '2s';
ALTER ROLE recruit_monitor SET statement_timeout = '5s';
GRANT pg_monitor TO recruit_monitor;
ALTER SCHEMA public OWNER TO recruit_owner;
SELECT format('ALTER TABLE %s OWNER TO recruit_owner', oid::regclass)
FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') \gexec
SELECT format('ALTER FUNCTION %s OWNER TO recruit_owner', oid::regprocedure)
FROM pg_proc WHERE pronamespace = 'public'::regnamespace \gexec
GRANT USAGE ON SCHEMA public TO recruit_site;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO recruit_site;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO recruit_site;
ALTER DEFAULT PRIVILEGES FOR ROLE recruit_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO recruit_site;
ALTER DEFAULT PRIVILEGES FOR ROLE recruit_owner IN SCHEMA public
    GRANT USAGE, SELECT ON SEQUENCES TO recruit_site;
SQL
