# A PostgreSQL server of one's own: on a socket in a folder of its own, and gone afterwards.
# Whoever reads this has read common.sh first.

# Where Debian keeps the newest server that is installed.
postgres_programs() {
  local newest
  newest=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort --version-sort | tail -n 1)
  [[ -x $newest/initdb ]] || die "there is no PostgreSQL server; run tools/setup"
  printf '%s\n' "$newest"
}

# The server refuses to be root's, so root runs it as the user that came with it.
as_postgres() {
  if ((EUID == 0)); then (cd / && runuser -u postgres -- "$@"); else "$@"; fi
}

# Starts a server that writes to the disk as a real one does, and says where it is in
# USHER_TEST_POSTGRES. Further arguments are settings, as in `shared_buffers=512MB`.
start_postgres() {
  local programs settings=() setting
  programs=$(postgres_programs)
  postgres_folder=$(mktemp --directory)
  if ((EUID == 0)); then chown postgres "$postgres_folder"; fi
  as_postgres "$programs/initdb" --pgdata "$postgres_folder/data" --username usher --auth trust \
    --encoding UTF8 --locale C.UTF-8 >"$postgres_folder/log" 2>&1 || postgres_failed
  for setting in "$@"; do settings+=(-c "$setting"); done
  # With no address there is only the socket, whose folder is the server's own.
  as_postgres "$programs/pg_ctl" --pgdata "$postgres_folder/data" --silent --wait \
    --log "$postgres_folder/server-log" \
    --options "-c listen_addresses= -c unix_socket_directories=$postgres_folder ${settings[*]}" \
    start >>"$postgres_folder/log" 2>&1 || postgres_failed
  export USHER_TEST_POSTGRES="postgresql://usher@/postgres?host=$postgres_folder"
}

postgres_failed() {
  cat "$postgres_folder"/*log >&2
  die "the PostgreSQL server for the tests does not start"
}

# Stops the server and takes its folder away. Does nothing where none was started.
stop_postgres() {
  [[ -n ${postgres_folder-} ]] || return 0
  as_postgres "$(postgres_programs)/pg_ctl" --pgdata "$postgres_folder/data" --silent \
    --mode immediate stop >/dev/null 2>&1 || true
  rm -rf "$postgres_folder"
  postgres_folder=""
}
