"""Reading a file: nothing in it is executed, and no more is unpacked than its directory says and the caller allows."""

from __future__ import annotations

import io
import json
import math
import os
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from loligo.arguments import as_path
from loligo.errors import FormatError, MissingFileError, UnreadableFileError
from loligo.saving.writer import MAIN, VERSION

TYPES = ("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64")
"""Of which an array may be: numbers, and never objects, which could be anything."""

_LARGEST_JSON = 256 << 20
_MOST_MEMBERS = 1_000_000
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, RuntimeError, OSError),
    *(ValueError, OverflowError),
)
"""What `zipfile` raises where bytes are not what they should be."""
_NO_HEADER = (ValueError, SyntaxError, TypeError, tokenize.TokenError)
"""What NumPy raises where the header of an array is none."""


class Reader:
    """An open file. Members are read by their names, and never written to a disk.

    Attributes:
        kind: `model`, `fit` or `checkpoint`.
        content: What the JSON text says.
    """

    def __init__(self, path: Path, archive: zipfile.ZipFile, limit: int) -> None:
        self.path = path
        self._archive = archive
        self._members = self._checked_directory(limit)
        self.kind, self.content = self._main()

    @classmethod
    @contextmanager
    def open(cls, path: str | os.PathLike[str], limit: int) -> Iterator[Reader]:
        """Opens a file.

        Raises:
            MissingFileError, UnreadableFileError: It cannot be opened.
            FormatError: It is no file of Loligo's, of a version that is not known, damaged, or larger than `limit`
                bytes when it is unpacked.
        """
        path = as_path(path)
        try:
            stream = open(path, "rb")
        except FileNotFoundError as error:
            raise MissingFileError(f"cannot read {path}: there is no such file") from error
        except OSError as error:
            raise UnreadableFileError(f"cannot read {path}: {error.strerror}") from error
        with stream:
            try:
                archive = zipfile.ZipFile(stream)
            except _BROKEN as error:
                raise FormatError(
                    f"{path} is no file of Loligo's, or the end of it is missing: expected a ZIP archive as lo.save "
                    f"writes it ({error})"
                ) from error
            with archive:
                yield cls(path, archive, limit)

    def text(self, name: str, where: str) -> str:
        """A longer text."""
        try:
            return self._bytes(name, where).decode()
        except UnicodeDecodeError as error:
            raise FormatError(f"{self.path}: {name} is damaged: it is not UTF-8 ({error.reason})") from error

    def array(self, name: str, kind: str, shape: tuple[int, ...], where: str) -> np.ndarray:
        """An array of a type and a shape."""
        data = self._bytes(name, where)
        stream = io.BytesIO(data)
        try:
            # never np.load, nor np.lib.format.read_array: what they can do beyond numbers is not wanted here
            if np.lib.format.read_magic(stream) != (1, 0):
                raise ValueError("another version of the format of NumPy than 1.0")
            found, is_transposed, dtype = np.lib.format.read_array_header_1_0(stream)
        except _NO_HEADER as error:
            raise FormatError(f"{self.path}: {name} is no array of NumPy's ({error}); {where} is in it") from error
        if dtype.hasobject or dtype.name not in TYPES:
            raise FormatError(
                f"{self.path}: {name} holds {'Python objects' if dtype.hasobject else dtype}, expected numbers of type "
                f"{kind}; {where} is in it"
            )
        if dtype.name != kind or found != shape or is_transposed:
            raise FormatError(
                f"{self.path}: {name} has shape {found} and type {dtype.name}, expected {shape} and {kind}; {where} is "
                "in it"
            )
        expected = math.prod(shape) * dtype.itemsize
        there = len(data) - stream.tell()
        if there != expected:
            raise FormatError(f"{self.path}: {name} has {there} bytes of numbers, expected {expected} for {shape}")
        values = np.frombuffer(data, dtype, offset=stream.tell()).reshape(shape)
        return values.astype(dtype.newbyteorder("="))

    def _checked_directory(self, limit: int) -> dict[str, zipfile.ZipInfo]:
        members: dict[str, zipfile.ZipInfo] = {}
        for info in self._archive.infolist():
            if info.filename in members:
                raise FormatError(f"{self.path}: the member {info.filename!r} is there twice, expected once")
            members[info.filename] = info
        size = sum(info.file_size for info in members.values())
        if size > limit or len(members) > _MOST_MEMBERS:
            raise FormatError(
                f"{self.path} would unpack to {size} bytes in {len(members)} members, expected at most {limit} bytes; "
                "lo.load(path, limit=...) takes more"
            )
        return members

    def _main(self) -> tuple[str, dict[str, Any]]:
        kinds = [kind for kind, name in MAIN.items() if name in self._members]
        if len(kinds) != 1:
            expected = ", ".join(MAIN.values())
            raise FormatError(f"{self.path} is no file of Loligo's: expected a ZIP archive with one of {expected}")
        name = MAIN[kinds[0]]
        if self._members[name].file_size > _LARGEST_JSON:
            raise FormatError(f"{self.path}: {name} is larger than {_LARGEST_JSON} bytes")
        try:
            content = json.loads(self.text(name, "everything else"), parse_constant=_refused)
        except (ValueError, RecursionError) as error:
            raise FormatError(f"{self.path}: {name} is damaged: it is not JSON ({error})") from error
        self._check_version(kinds[0], name, content)
        return kinds[0], content

    def _check_version(self, kind: str, name: str, content: Any) -> None:
        form = content.get("format") if isinstance(content, dict) else None
        if form != f"loligo {kind}":
            raise FormatError(f"{self.path}: `format` in {name} is {form!r}, expected 'loligo {kind}'")
        version = content.get("version")
        if version == VERSION and type(version) is int:
            return
        writer = content.get("loligo")
        by = f", written by Loligo {writer}" if isinstance(writer, str) else ""
        newer = type(version) is int and version > VERSION
        advice = "; a newer Loligo reads it: pip install --upgrade loligo" if newer else ""
        raise FormatError(f"{self.path} has version {version!r} of the format{by}, expected {VERSION}{advice}")

    def _bytes(self, name: str, where: str) -> bytes:
        info = self._members.get(name)
        if info is None:
            raise FormatError(f"{self.path}: the member {name!r} is missing, expected {where} in it")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or info.flag_bits & 1:
            raise FormatError(f"{self.path}: {name} is encrypted or packed in another way than by DEFLATE")
        try:
            with self._archive.open(info) as member:
                data = member.read(info.file_size)
                if len(data) != info.file_size or member.read(1):
                    raise EOFError("its length is another")
        except _BROKEN as error:
            raise FormatError(f"{self.path}: {name} is damaged ({error})") from error
        return data


def _refused(constant: str) -> None:
    raise ValueError(f"{constant} is no number of JSON's")
