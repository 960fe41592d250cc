"""
The page of all commands, from the commands themselves.

``python -m clearway.cli.document > docs/cli.md`` writes it.
"""

from __future__ import annotations

import inspect
import sys
import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
from typer.models import ArgumentInfo, OptionInfo

from clearway.cli.app import app

HEAD = """\
# The command line
Written by `python -m clearway.cli.document > docs/cli.md`; a test holds it to the program. `clearway COMMAND --help` says the same at the terminal.

| exit code | meaning |
|---|---|
| 0 | done |
| 1 | `clearway check` found faults in the plan |
| 2 | the input or the call is faulty: the message says where and what was expected; nothing was written |
| 130 | Ctrl-C: the best plan so far was written, where there was one; the message says so if not |

Answers go to standard output, progress (where somebody looks), notes and faults to standard error. With `--json`, standard output holds one JSON document and nothing else; where there is no answer, it is `{"ok": false, "error": "input" (or usage, output, interrupted), "message": ..., "faults": [{file, row, field, message}]}`.
"""  # noqa: E501


@dataclass(frozen=True, slots=True)
class Parameter:
    """An argument or option of a command."""

    word: str
    help: str
    default: str  # as it would be typed; "required", or empty where there is none
    is_option: bool


def document() -> str:
    """Markdown of all commands with their arguments and options."""
    return "\n".join([HEAD, *(section(name, command) for name, command in commands(app, ""))])


def commands(group: typer.Typer, path: str) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Each command's full name and function, in the order in which they are declared."""
    for command in group.registered_commands:
        if command.callback is not None:
            yield f"{path}{command.name or command.callback.__name__}", command.callback
    for inner in group.registered_groups:
        if inner.typer_instance is not None:
            yield from commands(inner.typer_instance, f"{path}{inner.name} ")


def section(name: str, command: Callable[..., Any]) -> str:
    """One command: what it does, how it is called, a table of what it takes."""
    found = parameters(command)
    usage = ["clearway", name]
    usage += [each.word if each.default == "required" else f"[{each.word}]" for each in found if not each.is_option]
    usage += [each.word for each in found if each.is_option and each.default == "required"]
    if any(each.is_option and each.default != "required" for each in found):
        usage.append("[OPTIONS]")
    lines = [f"## {name}", inspect.getdoc(command) or "", "```sh", " ".join(usage), "```", ""]
    lines += ["| takes | meaning | default |", "|---|---|---|"]
    lines += [f"| `{each.word}` | {each.help} | {each.default} |" for each in found]
    return "\n".join(lines) + "\n"


def parameters(command: Callable[..., Any]) -> list[Parameter]:
    """Arguments first, as they are typed; options in the order in which they are declared."""
    hints = typing.get_type_hints(command, include_extras=True)
    found = []
    for name, parameter in inspect.signature(command).parameters.items():
        kind, info = typing.get_args(hints[name])[:2]
        default = shown(parameter.default)
        if isinstance(info, OptionInfo):
            # Typer takes the first word for the default, until it sees the annotation
            declared = [each for each in (info.default, *(info.param_decls or ())) if isinstance(each, str)]
            word = (declared or [f"--{name.replace('_', '-')}"])[0]
            found.append(Parameter(word + value_word(kind), info.help or "", default, True))
        elif isinstance(info, ArgumentInfo):
            found.append(Parameter((info.metavar or name).upper(), info.help or "", default, False))
    return sorted(found, key=lambda each: each.is_option)


def value_word(kind: Any) -> str:
    """What an option takes, in one word; nothing where it takes nothing."""
    kinds = {kind, *typing.get_args(kind)}
    if bool in kinds:
        return ""
    return " NUMBER" if kinds & {int, float} else " PATH" if Path in kinds else " TEXT"


def shown(default: object) -> str:
    if default is inspect.Parameter.empty:
        return "required"
    if default is None or default is False or default == "":
        return ""
    return f"`{default:g}`" if isinstance(default, float) else f"`{default}`"


if __name__ == "__main__":
    sys.stdout.write(document())
