# shellcheck shell=bash
# What the checks need and a fresh Debian with a Rust toolchain does not have. Each part only when it is missing.

NEXTEST_VERSION=0.9.143

as_root() {
  if ((EUID == 0)); then "$@"; else sudo "$@"; fi
}

has_package() {
  [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

missing_packages() {
  has_package postgresql || [[ -n $(postgres_bin) ]] || echo postgresql
  command -v cc >/dev/null || echo gcc libc6-dev
  [[ -e /usr/include/libical/ical.h ]] || echo libical-dev
  command -v python3 >/dev/null || echo python3
  python3 -c 'import venv, ensurepip' 2>/dev/null || echo python3-venv
  command -v node >/dev/null || echo nodejs
  command -v npm >/dev/null || echo npm
  command -v shellcheck >/dev/null || echo shellcheck
  command -v setpriv >/dev/null || echo util-linux
  command -v dovecot >/dev/null || echo dovecot-imapd
  [[ ! -x $ROOT/tests/browser/run ]] || command -v chromium-headless-shell >/dev/null || echo chromium-headless-shell
}

install_packages() {
  local missing
  mapfile -t missing < <(missing_packages | tr ' ' '\n')
  if ((${#missing[@]} == 0)); then
    echo "Debian packages: nothing missing"
    return
  fi
  echo "Debian packages: ${missing[*]}"
  if ((EUID != 0)) && ! command -v sudo >/dev/null; then
    echo "install them as root, then run this again: apt-get install ${missing[*]}" >&2
    return 1
  fi
  as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >"$LAST/apt.log" 2>&1 ||
    { tail -n 20 "$LAST/apt.log"; return 1; }
}

install_nextest() {
  if ! cargo nextest --version >/dev/null 2>&1; then
    echo "cargo-nextest $NEXTEST_VERSION: building it, a few minutes"
    # Unoptimised: it compiles in a third of the time, and it only starts our tests.
    cargo install --quiet --locked --debug --root "$CACHE/cargo" --version "$NEXTEST_VERSION" cargo-nextest
  fi
  cargo nextest --version | head -n 1
}

# The calendar program of the subscriber wants other releases of what the readers are.
install_python() {
  install_venv "$VENV" "$ROOT/tests/readers/requirements.txt"
  install_venv "$SUBSCRIBER" "$ROOT/tests/subscriber/requirements.txt"
}

# FOLDER LIST; remade when the list of packages or the interpreter changed.
install_venv() {
  local folder=$1 list=$2 stamp
  stamp=$({ python3 --version; cat "$list"; } | sha256sum)
  if [[ $(cat "$folder/.stamp" 2>/dev/null) == "$stamp" ]]; then
    echo "Python packages of $(basename "$folder"): nothing missing"
    return
  fi
  echo "Python packages: $(wc -l <"$list") into tests/.cache/$(basename "$folder")"
  rm -rf "$folder"
  python3 -m venv "$folder"
  "$folder/bin/pip" install --quiet --disable-pip-version-check --no-deps -r "$list"
  printf '%s\n' "$stamp" >"$folder/.stamp"
}

install_node() {
  local lock=$ROOT/tests/readers/package-lock.json stamp
  stamp=$({ node --version; cat "$lock"; } | sha256sum)
  if [[ $(cat "$NODE/.stamp" 2>/dev/null) == "$stamp" ]]; then
    echo "npm packages: nothing missing"
    return
  fi
  echo "npm packages: into tests/.cache/node"
  mkdir -p "$NODE"
  cp "$ROOT/tests/readers/package.json" "$lock" "$NODE/"
  (cd "$NODE" && npm ci --no-audit --no-fund --ignore-scripts --loglevel=error)
  printf '%s\n' "$stamp" >"$NODE/.stamp"
}

# Programs that were built here come after those of the machine.
export PATH=$PATH:$CACHE/cargo/bin
