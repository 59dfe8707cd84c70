"""Reads `cargo metadata` on standard input: every crate of the tree must offer a licence that we may pass on."""

import json
import re
import sys
import tomllib
from pathlib import Path

deny = tomllib.loads((Path(__file__).parents[2] / "deny.toml").read_text(encoding="utf-8"))
ALLOWED = set(deny["licenses"]["allow"])
BANNED = {ban["crate"]: ban["reason"] for ban in deny["bans"]["deny"]}


def offers(expression: str) -> bool:
    """Whether an SPDX expression can be met by allowed licences alone. `A/B` is the old way to write `A OR B`."""
    tokens = re.findall(r"\(|\)|[^\s()]+", expression.replace("/", " OR "))
    position = 0

    def peek() -> str | None:
        return tokens[position] if position < len(tokens) else None

    def take() -> str:
        nonlocal position
        position += 1
        return tokens[position - 1]

    def either() -> bool:
        result = both()
        while peek() == "OR":
            take()
            result = both() or result
        return result

    def both() -> bool:
        result = one()
        while peek() == "AND":
            take()
            result = one() and result
        return result

    def one() -> bool:
        if peek() == "(":
            take()
            result = either()
            take()
            return result
        name = take()
        if peek() == "WITH":
            take()
            name = f"{name} WITH {take()}"
        return name in ALLOWED

    return either() and position == len(tokens)


def main() -> int:
    packages = [package for package in json.load(sys.stdin)["packages"] if package["source"]]
    wrong = [
        f"{package['name']} {package['version']}: licence {package['license'] or 'not stated'}"
        for package in packages
        if not offers(package["license"] or "unknown")
    ]
    wrong += [f"{package['name']}: banned, {BANNED[package['name']]}" for package in packages if package["name"] in BANNED]
    print(f"{len(packages)} crates, {len(wrong)} that may not be here")
    print("\n".join(wrong), end="\n" if wrong else "")
    return 1 if wrong else 0


sys.exit(main())
