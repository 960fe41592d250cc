"""The built-in scenario folders, each with its variants. What they are and are not: docs/example.md."""

from __future__ import annotations

import re
import shutil
import tempfile
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from clearway.errors import OutputError, UsageError

EXAMPLES: tuple[str, ...] = ("kherson",)
BASE = "base"  # the variant that is written where none is named


def variants(name: str) -> dict[str, str]:
    """Name and one-line description of each variant of an example, ``base`` first; UsageError where there is none."""
    folders = [entry for entry in (_example(name) / "variants").iterdir() if entry.is_dir()]
    descriptions = {entry.name: (entry / "description.txt").read_text(encoding="utf-8").strip() for entry in folders}
    return {key: descriptions[key] for key in sorted(descriptions, key=lambda key: (key != BASE, key))}


def write_example(name: str, folder: Path, variant: str | None = None) -> None:
    """
    Write a built-in scenario folder, whole or not at all.

    A variant is the same scenario with another ``availability.csv`` and other decisions, and says so in its name.
    Raises UsageError where the example or the variant is unknown or the folder is not empty, OutputError where it
    cannot be written.
    """
    source = _example(name)
    variant = variant or BASE
    if variant not in variants(name):
        raise UsageError(f"there is no variant {variant!r} of {name!r}; there are: {', '.join(variants(name))}")
    target = folder.resolve()
    _refuse_occupied(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as temporary:
            staged = Path(temporary) / target.name
            staged.mkdir()
            _copy_tables(source, staged, variant)
            if target.exists():
                target.rmdir()
            staged.rename(target)
    except OSError as error:
        raise OutputError(f"{folder} could not be written: {error}") from error


def _example(name: str) -> Traversable:
    if name not in EXAMPLES:
        raise UsageError(f"there is no example {name!r}; there are: {', '.join(EXAMPLES)}")
    return resources.files(__name__) / name


def _refuse_occupied(target: Path) -> None:
    if target.exists() and not target.is_dir():
        raise UsageError(f"{target} is a file; name a folder that is new or empty")
    if target.is_dir() and any(target.iterdir()):
        raise UsageError(f"{target} is not empty; name a folder that is new or empty")
    if target == Path.cwd():
        raise UsageError(f"{target} is the current folder, which cannot be replaced; name a new one")


def _copy_tables(source: Traversable, staged: Path, variant: str) -> None:
    """Copy the files of an example; the variant's take the place of those of the same name."""
    chosen = {entry.name: entry for entry in source.iterdir() if entry.is_file()}
    in_variant = (source / "variants" / variant).iterdir()
    chosen |= {entry.name: entry for entry in in_variant if entry.name != "description.txt"}
    for file_name, entry in chosen.items():
        with entry.open("rb") as original, (staged / file_name).open("wb") as copy:
            shutil.copyfileobj(original, copy)
    if variant != BASE:
        settings = staged / "scenario.toml"
        text = settings.read_text(encoding="utf-8")
        named = re.sub(r'^name = "(.*)"$', rf'name = "\1 ({variant})"', text, count=1, flags=re.MULTILINE)
        settings.write_text(named, encoding="utf-8")
