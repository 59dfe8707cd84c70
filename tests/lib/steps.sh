# shellcheck shell=bash
# One function per step of tests/run.

# What is installed is large, and some of it runs what it builds: not in memory.
step_install() {
  if [[ -n $IN_MEMORY ]]; then unset TMPDIR; fi
  install_packages
  install_nextest
  install_python
  install_node
}

step_format() {
  cargo fmt --all --check
}

step_clippy() {
  cargo clippy --quiet --workspace --all-targets -- -D warnings
}

# Every shell script of the repository, known by its first line or its name.
step_scripts() {
  local scripts
  mapfile -t scripts < <(git ls-files | while read -r file; do
    if [[ $file == *.sh ]] || head -c 64 "$file" | head -n 1 | grep -q '^#!.*sh$'; then echo "$file"; fi
  done)
  echo "${#scripts[@]} scripts"
  shellcheck -x "${scripts[@]}"
}

step_licences() {
  cargo metadata --format-version 1 --locked | python3 tests/lib/licences.py
}

step_openapi() {
  "$NODE/node_modules/.bin/redocly" lint openapi.yaml --config redocly.yaml
}

# Everything at once: built one package at a time, dependencies would be built again with other features.
step_build() {
  cargo build --workspace --tests --bins --examples
}

# One more than there are processors, as some tests wait for a relay, a name server or a clock.
behave() {
  cargo nextest run --workspace --no-tests=fail --test-threads "$(($(nproc) + 1))" "$@"
}

# Unit and behaviour tests, on SQLite.
step_sqlite() {
  local without=()
  # A quick run installs nothing, and says what it leaves out for that.
  if [[ ${QUICK_RUN:-no} == yes ]] && ! command -v dovecot >/dev/null; then
    echo "not run, as dovecot is not installed: a_mailbox_is_looked_into_and_each_mail_taken_once"
    without=(-E 'not test(a_mailbox_is_looked_into_and_each_mail_taken_once)')
  fi
  rm -rf "$LAST/contract" "$LAST/artifacts/sqlite"
  mkdir -p "$LAST/contract" "$LAST/artifacts/sqlite"
  unset MENSUEL_TEST_DATABASE_URL
  MENSUEL_CONTRACT_DIR="$LAST/contract" MENSUEL_ARTIFACTS_DIR="$LAST/artifacts/sqlite" behave "${without[@]}"
}

# The behaviour tests again, on PostgreSQL.
step_postgres() {
  start_postgres
  rm -rf "$LAST/artifacts/postgres"
  mkdir -p "$LAST/contract" "$LAST/artifacts/postgres"
  MENSUEL_TEST_DATABASE_URL=$PG_URL MENSUEL_CONTRACT_DIR="$LAST/contract" MENSUEL_ARTIFACTS_DIR="$LAST/artifacts/postgres" \
    behave -E 'package(mensuel-tests)'
}

# Every documented answer was met by some test; that every met answer is documented, the tests saw themselves.
step_contract() {
  MENSUEL_CONTRACT_DIR="$LAST/contract" "${CARGO_TARGET_DIR:-$ROOT/target}/debug/contract_coverage"
}

step_schemathesis() {
  tests/schemathesis.sh
}

# Feeds and mails, of the behaviour tests and of the calendar writer itself, read by programs that we did not write.
step_readers() {
  local folder missing=0
  rm -rf "$LAST/artifacts/samples"
  "${CARGO_TARGET_DIR:-$ROOT/target}/debug/examples/sample_calendars" "$LAST/artifacts/samples"
  "${CARGO_TARGET_DIR:-$ROOT/target}/debug/examples/hostile_mails" "$LAST/hostile_mails.jsonl" 33400
  "$VENV/bin/python" tests/readers/hostile.py "$LAST/hostile_mails.jsonl"
  for folder in samples sqlite postgres; do
    if [[ -d $LAST/artifacts/$folder ]]; then
      "$VENV/bin/python" tests/readers/check "$LAST/artifacts/$folder"
    fi
  done
  for folder in "$LAST"/artifacts/{sqlite,postgres}; do
    # Not run on PostgreSQL yet is no finding; run there and nothing left is one.
    if [[ $folder == */postgres && ! -d $folder ]]; then continue; fi
    if ! compgen -G "$folder/*.eml" >/dev/null || ! compgen -G "$folder/*.ics" >/dev/null ||
      ! compgen -G "$folder/*.atom" >/dev/null; then
      echo "no mails, no calendars or no announcements of the behaviour tests in $folder" >&2
      missing=1
    fi
  done
  return "$missing"
}

# A real calendar program subscribes to the running service over HTTP.
step_subscriber() {
  "$SUBSCRIBER/bin/python" tests/subscriber/run "${CARGO_TARGET_DIR:-$ROOT/target}/debug/mensuel"
}

# The pages in a real browser.
step_browser() {
  if [[ ! -x tests/browser/run ]]; then
    echo "no checks in a browser yet"
    return 0
  fi
  tests/browser/run
}

# Each guard with the guard taken out: its test must fail.
step_mutants() {
  start_postgres
  MENSUEL_TEST_DATABASE_URL=$PG_URL tests/mutants/run
}
