"""XML read with care: no document type, no entities of its own, nothing from outside; every element with its line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from clearway.faults import FaultLog, show

__all__ = ["Element", "declared_in_xml", "parse_xml"]

MAX_ELEMENTS = 200_000
MAX_DEPTH = 100
DECLARATION = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})["']""")
SEPARATOR = "\n"
SCHEMA_HINTS = "http://www.w3.org/2001/XMLSchema-instance"


@dataclass(slots=True)
class Element:
    """An element: its namespace and name, attributes, children, text (its own only) and line."""

    namespace: str
    name: str
    attributes: dict[str, str]
    row: int
    children: list[Element] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The element's own text."""
        return "".join(self.pieces).strip()

    def all(self, name: str) -> Iterator[Element]:
        """Children of that name, whatever their namespace."""
        return (child for child in self.children if child.name == name)

    def first(self, name: str) -> Element | None:
        """The first child of that name."""
        return next(self.all(name), None)

    def of(self, name: str) -> str:
        """The text of the first child of that name; empty where there is none."""
        child = self.first(name)
        return child.text if child is not None else ""


class RefusedError(Exception):
    """The document holds something that no report needs."""


def declared_in_xml(data: bytes) -> str | None:
    """The encoding that an XML declaration names."""
    found = DECLARATION.match(data[:400])
    return found[1].decode("ascii") if found else None


def parse_xml(text: str, file: str, faults: FaultLog) -> Element | None:
    """
    The root element of an XML document; None with a fault where it is not well-formed or asks for more than text.

    A document type is refused as such: with it go entity expansion, external entities and parameter entities.
    """
    parser = expat.ParserCreate("utf-8", SEPARATOR)
    parser.buffer_text = True
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    top = Element("", "", {}, 0)
    stack, n_elements = [top], 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal n_elements
        n_elements += 1
        if n_elements > MAX_ELEMENTS:
            raise RefusedError(f"has more than {MAX_ELEMENTS:,} elements; split it")
        if len(stack) > MAX_DEPTH:
            raise RefusedError(f"is nested more than {MAX_DEPTH} deep")
        namespace, _, name = tag.rpartition(SEPARATOR)
        plain = {
            key.rpartition(SEPARATOR)[2]: value for key, value in attributes.items() if not key.startswith(SCHEMA_HINTS)
        }
        element = Element(namespace, name, plain, parser.CurrentLineNumber)
        stack[-1].children.append(element)
        stack.append(element)

    def end(_: str) -> None:
        stack.pop()

    def data(piece: str) -> None:
        stack[-1].pieces.append(piece)

    def doctype(name: str, *_: object) -> None:
        raise RefusedError(
            f"has a document type ({show(name)}), which could hold entities; expected plain XML without <!DOCTYPE"
        )

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, data
    parser.StartDoctypeDeclHandler = doctype
    try:
        # as UTF-8, whatever the declaration says: the text is decoded already
        parser.Parse(text.encode("utf-8", "replace"), True)
    except expat.ExpatError as error:
        faults.add(file, f"not well-formed XML: {expat.ErrorString(error.code)}", error.lineno)
        return None
    except RefusedError as error:
        faults.add(file, str(error), parser.CurrentLineNumber)
        return None
    return top.children[0]
