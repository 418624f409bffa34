"""Writes THIRD_PARTY_LICENSES, the licences of the crates that are linked into a wheel, anew.

Every package of `Cargo.lock` that the extension module is linked with on any platform, with the licence texts that
come with it. Of licences to choose from, MIT is chosen. A text that several packages have in common stands there once.
What only builds (procedural macros, build scripts and what they need) is not in a wheel, and not in here.
"""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
FILE = ROOT / "THIRD_PARTY_LICENSES"
EXTENSION = "loligo-python"
NAMES = ("license", "licence", "copying", "copyright", "notice", "unlicense")
"""How the names of files with licences start."""


def main() -> None:
    FILE.write_text(text(), encoding="utf-8", newline="\n")


def text() -> str:
    """The whole file."""
    packages = linked()
    parts = [
        "Licences of the Rust crates that wheels of Loligo contain, made by .ci/third_party_licenses.py.\n",
        "".join(f"{_title(package)}: {package['license']}\n" for package in packages),
    ]
    owners: dict[str, list[str]] = {}
    for package in packages:
        for own in texts(package):
            owners.setdefault(own, []).append(_title(package))
    for own, titles in owners.items():
        parts.append(f"{'-' * 80}\n{', '.join(titles)}\n\n{own}\n")
    return "\n".join(parts)


def linked() -> list[dict[str, Any]]:
    """The packages of others that the extension module is linked with, as `cargo metadata` describes them, by name."""
    command = ["cargo", "metadata", "--locked", "--format-version", "1"]
    metadata = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)
    packages = {package["id"]: package for package in metadata["packages"]}
    needs = {
        node["id"]: [need["pkg"] for need in node["deps"] if any(kind["kind"] is None for kind in need["dep_kinds"])]
        for node in metadata["resolve"]["nodes"]
    }
    waiting = [key for key, package in packages.items() if package["name"] == EXTENSION]
    found: set[str] = set()
    while waiting:
        key = waiting.pop()
        if key not in found and not any("proc-macro" in target["kind"] for target in packages[key]["targets"]):
            found.add(key)
            waiting += needs[key]
    others = [packages[key] for key in found if packages[key]["source"] is not None]
    return sorted(others, key=lambda package: (package["name"], package["version"]))


def texts(package: dict[str, Any]) -> list[str]:
    """The licence texts that come with a package, without the line endings and margins in which they differ."""
    folder = Path(package["manifest_path"]).parent
    files = {
        file
        for file in folder.rglob("*")
        if file.is_file() and file.name.lower().startswith(NAMES) and "tests" not in file.relative_to(folder).parts
    }
    if package["license_file"]:
        files.add(folder / package["license_file"])
    # beside a LICENSE it is another one to choose (zstd has the GPL there), or says that there is a choice
    licensed = {file.parent for file in files if file.name.lower().startswith(("license", "licence"))}
    files = {file for file in files if file.parent not in licensed or not file.name.lower().startswith("copying")}
    if "MIT" in re.split(r" OR |/", package["license"]):
        others = {file for file in files if re.search("apache|unlicense|zlib|bsd", file.name.lower())}
        files = files - others or files
    found = [file.read_text(encoding="utf-8", errors="replace") for file in sorted(files, key=Path.as_posix)]
    return ["\n".join(line.strip() for line in own.strip().splitlines()) for own in found or [_mit(package)]]


def _mit(package: dict[str, Any]) -> str:
    """The text for a package that says that it is under the MIT license, and comes without one."""
    if "MIT" not in re.split(r" OR |/", package["license"]):
        raise SystemExit(f"{_title(package)} comes without a text of its license, {package['license']}")
    owners = ", ".join(package["authors"]) or f"the authors of {package['repository']}"
    ours = (ROOT / "LICENSE-MIT").read_text(encoding="utf-8")
    return re.sub(r"Copyright \(c\) .*", lambda _: f"Copyright (c) {owners}", ours)


def _title(package: dict[str, Any]) -> str:
    return f"{package['name']} {package['version']}"


if __name__ == "__main__":
    main()
