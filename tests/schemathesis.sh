#!/usr/bin/env bash
# Requests that a program makes up from openapi.yaml, against the real binary with a season in it and by five
# callers: nobody, and API tokens that may read, write, administer, hand over mail. Fails on an answer 5xx, on an
# answer that the contract does not describe, and when fewer than CASES requests were made.
#
#   tests/schemathesis.sh [CASES]     2000 when it is not said
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CASES=${1:-2000}
VENV=$ROOT/tests/.cache/venv
BINARY=${CARGO_TARGET_DIR:-$ROOT/target}/debug/mensuel
ORGANIZER=organizer@community.example
CHECKS=not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance
WORK=$(mktemp -d "${TMPDIR:-/tmp}/mensuel-schemathesis.XXXXXX")
SERVER=

finish() {
  if [[ -n $SERVER ]]; then
    kill -TERM "$SERVER" 2>/dev/null || true
    wait "$SERVER" 2>/dev/null || true
  fi
  rm -rf "$WORK"
}
trap finish EXIT

# The product's own settings and nothing of the caller's environment.
run_instead() {
  exec env -i PATH="$PATH" HOME="$WORK" MENSUEL_DATA_DIR="$WORK/data" MENSUEL_BIND=127.0.0.1:0 MENSUEL_BASE_URL=http://mensuel.example \
    MENSUEL_COMMUNITY=Essais MENSUEL_TIME_ZONE=Europe/Paris MENSUEL_LANGUAGE=fr "$BINARY" "$@"
}

mensuel() (run_instead "$@")

# The first line that `serve` prints tells the address; waits for it up to two minutes.
start_server() {
  mkfifo "$WORK/said"
  # Instead of the shell in the background, so that the signal at the end reaches it.
  run_instead serve >"$WORK/said" 2>"$WORK/log" &
  SERVER=$!
  exec 9<"$WORK/said"
  local line=
  read -r -t 120 line <&9 || true
  cat <&9 >>"$WORK/log" &
  ADDRESS=$(grep -oE 'http://[0-9.]+:[0-9]+' <<<"$line" || true)
  if [[ -z $ADDRESS ]]; then
    echo "mensuel serve did not tell its address: '$line'" >&2
    cat "$WORK/log" >&2
    return 1
  fi
  echo "mensuel serve on $ADDRESS"
}

# The token is the longest word of what `token add` prints.
token() {
  mensuel token add "schemathesis $1" --organizer "$ORGANIZER" --scope "$1" |
    tr -s ' \t' '\n' | awk 'length > length(longest) { longest = $0 } END { print longest }'
}

# ADMIN INBOUND, two tokens: makes a season with members, invitations and answers, and the file that names what is in
# it: tests/lib/hooks.py puts these names into most of the made-up addresses.
fill() {
  mensuel import members "$ROOT/tests/data/members.csv" >/dev/null
  "$VENV/bin/python" "$ROOT/tests/lib/fill.py" "$ADDRESS" "$1" series
  mensuel import events "$ROOT/tests/data/season.csv" >/dev/null
  "$VENV/bin/python" "$ROOT/tests/lib/fill.py" "$ADDRESS" "$1" names "$WORK/data" "$2" >"$WORK/names.json"
}

operations() {
  "$VENV/bin/python" - "$ROOT/openapi.yaml" <<'PYTHON'
import sys, yaml
verbs = {"get", "put", "post", "delete", "patch", "head", "options"}
print(sum(verb in verbs for path in yaml.safe_load(open(sys.argv[1], encoding="utf-8"))["paths"].values() for verb in path))
PYTHON
}

# CALLER TOKEN PHASES EXAMPLES [FILTER…]; what it found goes to a file of that caller.
try_as() {
  local caller=$1 token=$2 authorization=()
  if [[ -n $token ]]; then authorization=(-H "Authorization: Bearer $token"); fi
  (cd "$WORK" && SCHEMATHESIS_HOOKS="$ROOT/tests/lib/hooks.py" MENSUEL_NAMES="$WORK/names.json" \
    "$VENV/bin/schemathesis" run "$ROOT/openapi.yaml" --url "$ADDRESS" --checks "$CHECKS" --phases "$3" \
    --max-examples "$4" --seed 20261201 --continue-on-failure --no-shrink --warnings off --suppress-health-check all \
    --request-timeout 60 --report ndjson --report-ndjson-path "$WORK/$caller.ndjson" \
    "${authorization[@]}" "${@:5}") >"$WORK/$caller.txt" 2>&1 </dev/null
}

count_cases() {
  "$VENV/bin/python" - "$1" <<'PYTHON'
import sys, json
cases = 0
for line in open(sys.argv[1], encoding="utf-8"):
    for event in json.loads(line).values():
        if isinstance(event, dict):
            cases += len(event.get("recorder", {}).get("cases", {}))
print(cases)
PYTHON
}

judge() {
  local caller=$1 status=0 count
  try_as "$@" || status=$?
  count=$(count_cases "$WORK/$caller.ndjson")
  MADE=$((MADE + count))
  if ((status != 0)); then
    WRONG=$((WRONG + 1))
    cat "$WORK/$caller.txt"
  fi
  echo "as $caller: $count requests"
}

main() {
  if [[ ! -x $BINARY ]]; then
    echo "$BINARY is not built" >&2
    return 1
  fi
  start_server
  mensuel organizer add "$ORGANIZER" >/dev/null
  local read write admin inbound few
  read=$(token read)
  write=$(token write)
  admin=$(token admin)
  inbound=$(token inbound)
  fill "$admin" "$inbound"
  few=$((CASES / (5 * $(operations)) + 1))
  MADE=0 WRONG=0
  judge nobody "" examples,fuzzing "$few"
  # Before the others change what the mails are about.
  judge inbound "$inbound" examples,fuzzing "$few"
  # Where nobody else gets in it tries more.
  judge mail-server "$inbound" examples,coverage,fuzzing $((10 * few)) --include-operation-id receiveInboundMail
  judge read "$read" examples,fuzzing "$few"
  judge write "$write" examples,fuzzing "$few"
  judge admin "$admin" examples,coverage,fuzzing "$few"
  if ! kill -0 "$SERVER" 2>/dev/null; then
    echo "mensuel serve ended" >&2
    WRONG=$((WRONG + 1))
  fi
  if ((WRONG > 0)); then tail -n 40 "$WORK/log"; fi
  echo "$MADE requests, $WRONG callers with findings"
  ((WRONG == 0 && MADE >= CASES))
}

main
