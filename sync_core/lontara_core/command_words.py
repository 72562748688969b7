"""What both programs say of their own commands: help in Indonesian, and mistakes in the words of a command.

A catalogue holds a program's own sentences by their English; a sentence that it lacks is said in English. Nothing here
knows the library that reads commands: a command is what has `help`, `params` and perhaps `commands`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

MISTAKES: Final[Mapping[str, tuple[str, str]]] = {
    "missing_option": ("Pilihan {name} wajib diisi.", "The option {name} is needed."),
    "missing_argument": ("{name} belum disebut.", "{name} is missing."),
    "no_such_option": ("Tidak ada pilihan {name}.", "There is no option {name}."),
    "no_such_command": ("Tidak ada perintah {name}.", "There is no command {name}."),
    "bad_value": ("Nilai untuk {name} tidak dapat dipakai.", "The value of {name} cannot be used."),
    "one_of": ("Nilai untuk {name}: salah satu dari {choices}.", "The value of {name} is one of {choices}."),
    "bad_command": ("Perintah ini tidak terbaca.", "This command cannot be read."),
    "help_hint": ("Contoh dan penjelasan: {path} --help", "Example and explanation: {path} --help"),
}
# What stands around the sentences of a help.
_FRAME: Final[Mapping[str, str]] = {
    r"^Usage: ": "Pemakaian: ",
    r"^Options:": "Pilihan:",
    r"^Commands:": "Perintah:",
    r"\[OPTIONS\]": "[PILIHAN]",
    r"COMMAND \[ARGS\]\.\.\.": "PERINTAH [ISI]...",
    r"Show this message and exit\.": "Tampilkan bantuan ini.",
    r"\[required\]": "[wajib]",
    r"\[default: ": "[bawaan: ",
    r"; default: ": "; bawaan: ",
    r"\(Deprecated\)": "(usang)",
}
_EXAMPLE: Final = "Example: "


def mistake(kind: str, language: str, **values: object) -> str:
    """A mistake in the words of a command, in the language."""
    return MISTAKES[kind][language == "en"].format(**values)


def speak(command: Any, catalogue: Mapping[str, str], language: str) -> None:
    """Give a command, its options and those below it their help in the language."""
    for part in parts_of(command):
        for name in ("help", "epilog"):
            text = _english(part, name)
            if text:
                setattr(part, name, text if language == "en" else help_in(text, catalogue))


def framed(text: str) -> str:
    """The page of a help with its headings in Indonesian."""
    for pattern, said in _FRAME.items():
        text = re.sub(pattern, said, text, flags=re.MULTILINE)
    return text


def help_in(text: str, catalogue: Mapping[str, str]) -> str:
    """A help in Indonesian, sentence by sentence as the catalogue has them; its examples stay as they are."""
    return "\n\n".join(_paragraph(each, catalogue) for each in text.split("\n\n"))


def sentences_of(text: str) -> list[str]:
    """What a catalogue has to hold for a help, without the examples."""
    heads = (_head(each)[0] for each in text.split("\n\n"))
    return [head for head in heads if head]


def _paragraph(text: str, catalogue: Mapping[str, str]) -> str:
    head, example = _head(text)
    told = [catalogue.get(head, head)] if head else []
    return " ".join([*told, f"Contoh: {example}"] if example else told)


def _head(text: str) -> tuple[str, str]:
    """A paragraph's sentences on one line, unless its lines are its layout, and its example."""
    if text.startswith("\b"):
        return text, ""
    head, _, example = " ".join(text.split()).partition(_EXAMPLE)
    return head.strip(), example


def parts_of(command: Any) -> Iterator[Any]:
    """A command, its options, and those of every command below it."""
    yield command
    yield from command.params
    for each in getattr(command, "commands", {}).values():
        yield from parts_of(each)


def _english(part: Any, name: str) -> str | None:
    """The text as it was written, whatever language was spoken before."""
    text: str | None = vars(part).setdefault(f"_english_{name}", getattr(part, name, None))
    return text
