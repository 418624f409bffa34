"""Configurations: which files a circuit and its simulation are made of, with the variables of manifests put in."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loligo.errors import SonataError, UnknownNameError, did_you_mean
from loligo.sonata.files import is_absent, json_of
from loligo.sonata.parts import object_in, objects_in, word_in

_VARIABLE = re.compile(r"\$\{?(\w+)\}?")
_PATHS = ("_file", "_dir")
_INCLUDED = ("network", "simulation")
"""Entries that name another configuration."""

FilePair = tuple[Path, Path | None]
"""An HDF5 file, and the table of types that belongs to it."""


@dataclass(frozen=True)
class Configuration:
    """What the configuration of a circuit, and that of a simulation if there is one, say.

    Attributes:
        nodes, edges: The files of populations.
        components: The folders of what populations name.
        run, conditions: As in the file.
        inputs: The inputs by their names.
        node_sets: The sets of nodes by their names.
    """

    nodes: list[FilePair]
    edges: list[FilePair]
    components: dict[str, Path]
    run: dict[str, Any]
    conditions: dict[str, Any]
    inputs: dict[str, dict[str, Any]]
    node_sets: dict[str, Any]

    def component(self, folder: str, file: str, asked_by: str) -> Path:
        """The path of a file in the folder of a kind of component; one that is absolute stays.

        Raises:
            SonataError: The configuration does not name the folder.
        """
        if Path(file).is_absolute():
            return Path(file)
        if folder not in self.components:
            raise SonataError(
                f"{asked_by} is in the file {file}, but the configuration names no `{folder}` among its components"
                f"{did_you_mean(folder, self.components)}"
            )
        return self.components[folder] / file


def read_configuration(path: Path) -> Configuration:
    """The configuration of a circuit, of a simulation, or of both.

    Raises:
        MissingFileError, UnreadableFileError: A file cannot be read.
        SonataError: A file that is not JSON, or names no populations.
        UnknownNameError: A variable that no manifest has.
    """
    found = _with_included(path, ())
    networks = found.get("networks")
    if not isinstance(networks, dict) or "nodes" not in networks:
        raise SonataError(
            f"{path} names no populations: expected `networks` with `nodes`, or `network`, the file of a circuit"
            f"{did_you_mean('networks', found)}"
        )
    node_sets = found.get("node_sets", {})
    if not is_absent(found.get("node_sets_file")):
        node_sets = json_of(Path(word_in(found, "node_sets_file", str(path))))
    components = object_in(found, "components", str(path))
    inputs = object_in(found, "inputs", str(path))
    return Configuration(
        nodes=[_pair(entry, "node", path) for entry in objects_in(networks["nodes"], f"{path}: `nodes`")],
        edges=[_pair(entry, "edge", path) for entry in objects_in(networks.get("edges"), f"{path}: `edges`")],
        components={name: Path(word_in(components, name, f"{path}: `components`")) for name in components},
        run=object_in(found, "run", str(path)),
        conditions=object_in(found, "conditions", str(path)),
        inputs={name: object_in(inputs, name, f"the inputs of {path}") for name in inputs},
        node_sets=node_sets,
    )


def _with_included(path: Path, above: tuple[Path, ...]) -> dict[str, Any]:
    """What a file says, and what the files say that it includes; its own word goes first."""
    if path.resolve() in above:
        raise SonataError(f"{path} includes itself")
    own = json_of(path)
    manifest = object_in(own, "manifest", str(path))
    variables = {name.strip("${}"): word_in(manifest, name, f"the manifest of {path}") for name in manifest}
    variables |= {"configdir": str(path.parent), "workingdir": os.getcwd()}
    own = _resolved({name: value for name, value in own.items() if name != "manifest"}, variables, path, "")
    found: dict[str, Any] = {}
    for name in _INCLUDED:
        if isinstance(own.get(name), str):
            found |= _with_included(path.parent / own[name], (*above, path.resolve()))
        else:
            found |= object_in(own, name, str(path))
        own.pop(name, None)
    components = {**object_in(found, "components", str(path)), **object_in(own, "components", str(path))}
    return {**found, **own, "components": components}


def _resolved(value: Any, variables: dict[str, str], path: Path, key: str) -> Any:
    """A value with its variables put in; what is a path starts where the configuration is."""
    if isinstance(value, dict):
        return {name: _resolved(each, variables, path, name) for name, each in value.items()}
    if isinstance(value, list):
        return [_resolved(each, variables, path, key) for each in value]
    if not isinstance(value, str):
        return value
    put = _expanded(value, variables, path, ())
    return str(path.parent / put) if key.endswith(_PATHS) and not is_absent(put) else put


def _expanded(text: str, variables: dict[str, str], path: Path, above: tuple[str, ...]) -> str:
    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in variables:
            raise UnknownNameError(f"the manifest of {path} has no variable `${name}`{did_you_mean(name, variables)}")
        if name in above:
            raise SonataError(f"the variable `${name}` in the manifest of {path} is made of itself")
        return _expanded(variables[name], variables, path, (*above, name))

    return _VARIABLE.sub(value, text)


def _pair(entry: dict[str, Any], kind: str, path: Path) -> FilePair:
    file, types = f"{kind}s_file", f"{kind}_types_file"
    if is_absent(entry.get(file)):
        raise SonataError(f"an entry of `{kind}s` in {path} has no `{file}`{did_you_mean(file, entry)}")
    where = f"an entry of `{kind}s` in {path}"
    return Path(word_in(entry, file, where)), None if is_absent(entry.get(types)) else Path(
        word_in(entry, types, where)
    )
