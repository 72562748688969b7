"""The root of `lontara`: `--lang` may stand anywhere, and a mistake in the words of a command is told in its language."""

from __future__ import annotations

import re
from typing import IO, Any, Final

import click

from lontara.cli.wording import TEXTS

_LANGUAGE: Final = "--lang"
_LANGUAGES: Final = (["id"], ["en"])
_NO_COMMAND: Final = re.compile(r"No such command '(.*)'\.")


class Mistake(click.UsageError):
    """A command that cannot be read, in the person's language; exit code 2."""

    def __init__(self, error: click.UsageError, language: str) -> None:
        super().__init__(error.message, error.ctx)
        self.told, self.language = error, language

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(_sentence(self.told, self.language), file=file, err=True)
        if self.told.ctx is not None:
            click.echo(_say(self.language, "help_hint", path=self.told.ctx.command_path), file=file, err=True)


class Commands(click.Group):
    """The root group of the program."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        args = _language_first(args)
        try:
            return super().make_context(info_name, args, parent, **extra)
        except click.UsageError as error:
            language = "en" if args[:2] == [_LANGUAGE, "en"] else "id"
            raise Mistake(error, language) from error

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            raise Mistake(error, str(ctx.params.get("language") or "id")) from error


def _language_first(args: list[str]) -> list[str]:
    """The words with `--lang` and its value at their front, wherever they stood."""
    for place, word in enumerate(args):
        if word == _LANGUAGE and args[place + 1 : place + 2] in _LANGUAGES:
            return [word, args[place + 1], *args[:place], *args[place + 2 :]]
        if word in (f"{_LANGUAGE}={each}" for (each,) in _LANGUAGES):
            return [_LANGUAGE, word.partition("=")[2], *args[:place], *args[place + 1 :]]
    return list(args)


def _sentence(error: click.UsageError, language: str) -> str:
    unknown = _NO_COMMAND.fullmatch(error.message)
    if unknown is not None:
        return _say(language, "no_such_command", name=unknown.group(1))
    if isinstance(error, click.NoSuchOption):
        return _say(language, "no_such_option", name=error.option_name)
    if isinstance(error, click.BadParameter):
        name = _name(error.param)
        if isinstance(error, click.MissingParameter):
            is_option = isinstance(error.param, click.Option)
            return _say(language, "missing_option" if is_option else "missing_argument", name=name)
        return _say(language, "bad_value", name=name)
    return _say(language, "bad_command") if language == "id" else error.message


def _name(parameter: click.Parameter | None) -> str:
    if parameter is None:
        return "?"
    return parameter.opts[-1] if isinstance(parameter, click.Option) else parameter.human_readable_name


def _say(language: str, key: str, **values: object) -> str:
    indonesian, english = TEXTS[key]
    return (english if language == "en" else indonesian).format(**values)
