"""Writing a file: a ZIP archive with one JSON text, and the arrays and longer texts that it refers to."""

from __future__ import annotations

import hashlib
import io
import os
import threading
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from loligo._engine import __version__
from loligo.arguments import as_path
from loligo.errors import ArgumentError, UnwritableFileError
from loligo.saving.readable import readable

SUFFIX = ".loligo"
VERSION = 1
"""Of the layout; it grows with every change that an older Loligo would read wrongly."""

MAIN = {"model": "model.json", "fit": "fit.json", "checkpoint": "checkpoint.json"}
"""What files there are, and where the JSON text of each stands."""

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The date of every member, so that the same content makes the same file."""

_LEVEL = 1
"""Of DEFLATE: higher ones take several times as long for numbers, and gain little."""

Json = Any
"""What JSON has: dictionaries, lists, texts, numbers, booleans and None."""


class Writer:
    """Collects what a file has beside its JSON text; the same array or text is kept once."""

    def __init__(self) -> None:
        self._members: dict[str, bytes] = {}
        self._names: dict[tuple[str, str, bytes], str] = {}

    def array(self, values: np.ndarray) -> Json:
        """Keeps an array; what the JSON text says of it."""
        values = np.asarray(values, order="C")
        values = values.astype(values.dtype.newbyteorder("<"), copy=False)
        stream = io.BytesIO()
        np.lib.format.write_array(stream, values, version=(1, 0), allow_pickle=False)
        name = self._kept("numbers", "npy", stream.getvalue())
        return {"member": name, "type": values.dtype.name, "shape": list(values.shape)}

    def indices(self, values: Any) -> Json:
        """Keeps whole numbers, such as those of compartments."""
        return self.array(np.asarray(values).astype("<i8"))

    def text(self, content: str, folder: str, suffix: str) -> Json:
        """Keeps a longer text, such as that of an SWC file."""
        return {"member": self._kept(folder, suffix, content.encode())}

    def digest(self, content: Json) -> str:
        """A hash of JSON with everything that it refers to."""
        whole = readable(self._with_digests(content)).encode()
        return "sha256:" + hashlib.sha256(whole).hexdigest()

    def write(self, path: str | os.PathLike[str], kind: str, content: dict[str, Json], *, packed: bool = True) -> None:
        """Writes the file, whole or not at all: what was there before stays until the new one is complete.

        Raises:
            ArgumentError: Another ending than `.loligo`.
            UnwritableFileError: The file cannot be written.
        """
        path = checked_path(path)
        head = {"format": f"loligo {kind}", "version": VERSION, "loligo": __version__}
        members = {MAIN[kind]: (readable({**head, **content}) + "\n").encode(), **self._members}
        # beside the file, since only within a file system one takes the place of the other at once
        unfinished = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.part")
        try:
            try:
                with open(unfinished, "wb") as stream:
                    self._pack(stream, members, packed)
                    stream.flush()
                    os.fsync(stream.fileno())
                os.replace(unfinished, path)
            finally:
                unfinished.unlink(missing_ok=True)
        except OSError as error:
            raise UnwritableFileError(f"cannot write {path}: {error.strerror or error}") from error

    def _pack(self, stream: Any, members: dict[str, bytes], packed: bool) -> None:
        with zipfile.ZipFile(stream, "w") as archive:
            for name, data in members.items():
                info = zipfile.ZipInfo(name, _EPOCH)
                info.external_attr = 0o644 << 16
                info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
                archive.writestr(info, data, compresslevel=_LEVEL if packed else None)

    def _kept(self, folder: str, suffix: str, data: bytes) -> str:
        key = (folder, suffix, hashlib.sha256(data).digest())
        if key not in self._names:
            count = sum(folder == other for other, *_ in self._names)
            self._names[key] = f"{folder}/{count}.{suffix}"
            self._members[self._names[key]] = data
        return self._names[key]

    def _with_digests(self, content: Json) -> Json:
        if isinstance(content, dict):
            if "member" in content:
                return hashlib.sha256(self._members[content["member"]]).hexdigest()
            return {name: self._with_digests(item) for name, item in content.items()}
        if isinstance(content, list):
            return [self._with_digests(item) for item in content]
        return content


def checked_path(path: str | os.PathLike[str]) -> Path:
    """A path with the ending that such files have.

    Raises:
        ArgumentError: It has another.
    """
    path = as_path(path)
    if path.suffix != SUFFIX:
        raise ArgumentError(f"the file is {path.name!r}, expected one that ends in {SUFFIX}")
    return path
