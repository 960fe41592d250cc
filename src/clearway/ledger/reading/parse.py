"""The dependency parser: an optional extra, loaded when the first text is read."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from clearway.ledger.reading.languages import Language

__all__ = ["Parser", "available_model", "load_parser"]

Parser = Any  # a spaCy pipeline


def available_model(language: Language) -> str | None:
    """The first of the language's models that is installed, None where none is."""
    if find_spec("spacy") is None:
        return None
    return next((name for name in language.models if find_spec(name) is not None), None)


@lru_cache(maxsize=2)
def load_parser(model: str) -> Parser:
    """The pipeline of an installed model."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the model's version and of libraries below it
        return import_module(model).load()
