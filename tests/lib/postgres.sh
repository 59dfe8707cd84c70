# shellcheck shell=bash
# A PostgreSQL of our own for one run: in a folder of its own, on a free port, gone at the end. One that the
# machine runs already is neither used nor disturbed.

PG_DIR=
PG_URL=

# The folder of the newest PostgreSQL programs; empty when there are none.
postgres_bin() {
  local newest
  newest=$(printf '%s\n' /usr/lib/postgresql/*/bin/initdb | sort -V | tail -n 1)
  if [[ -x $newest ]]; then dirname "$newest"; else dirname "$(command -v initdb 2>/dev/null)" 2>/dev/null || true; fi
}

# initdb and postgres refuse to run as root.
as_postgres() {
  if ((EUID != 0)); then
    "$@"
    return
  fi
  local user=postgres
  id "$user" >/dev/null 2>&1 || user=nobody
  setpriv --reuid "$user" --regid "$(id -g "$user")" --clear-groups env HOME="$PG_DIR" "$@"
}

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# Starts it once; PG_URL is the administrator's URL. Nothing is synced to disk: a crash of the machine is not tested here.
start_postgres() {
  if [[ -n $PG_URL ]]; then return; fi
  local bin port
  bin=$(postgres_bin)
  if [[ -z $bin ]]; then
    echo "PostgreSQL is not installed" >&2
    return 1
  fi
  PG_DIR=$(mktemp -d "${TMPDIR:-/tmp}/mensuel-postgres.XXXXXX")
  # Set here, in the shell of the step that asked: whoever starts it ends it.
  trap stop_postgres EXIT
  chmod 755 "$PG_DIR"
  mkdir "$PG_DIR/run"
  if ((EUID == 0)); then chown -R "$(as_postgres id -u)" "$PG_DIR"; fi
  port=$(free_port)
  (
    cd "$PG_DIR"
    # Sorted as French is, like on many machines: lists must not depend on it.
    as_postgres "$bin/initdb" -D "$PG_DIR/data" -U mensuel --auth=trust --encoding=UTF8 --locale=C.UTF-8 --locale-provider=icu --icu-locale=fr --no-sync >"$LAST/initdb.log" 2>&1
    as_postgres "$bin/pg_ctl" -D "$PG_DIR/data" -l "$PG_DIR/run/log" -w -t 60 start -o \
      "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$PG_DIR/run -c max_connections=300 -c fsync=off -c synchronous_commit=off -c full_page_writes=off" >/dev/null
  ) || { cat "$LAST/initdb.log" "$PG_DIR/run/log" 2>/dev/null; return 1; }
  PG_URL="postgres://mensuel@127.0.0.1:$port/postgres"
  echo "PostgreSQL $("$bin/postgres" --version | awk '{print $3}') on port $port"
}

stop_postgres() {
  if [[ -z $PG_DIR ]]; then return 0; fi
  as_postgres "$(postgres_bin)/pg_ctl" -D "$PG_DIR/data" -m immediate -w stop >/dev/null 2>&1 || true
  rm -rf "$PG_DIR"
  PG_DIR='' PG_URL=''
}
