"""How `lontara-server` speaks of its own commands: `--lang` may stand anywhere, help and mistakes are in its language."""

from __future__ import annotations

import os
import re
from importlib import import_module
from typing import IO, Any, Final

import click

from lontara_core.command_words import framed, mistake, parts_of, speak
from lontara_server.cli.help_words import HELP

_LANGUAGE: Final = "--lang"
_LANGUAGES: Final = (["id"], ["en"])
_NO_COMMAND: Final = re.compile(r"No such command '(.*)'\.")


class _Formatter(click.HelpFormatter):
    def getvalue(self) -> str:
        return framed(super().getvalue())


class _Context(click.Context):
    """The context of a command whose help is read in Indonesian."""

    formatter_class = _Formatter


class Mistake(click.UsageError):
    """A command that cannot be read, in the person's language; exit code 2."""

    def __init__(self, error: click.UsageError, language: str) -> None:
        super().__init__(error.message, error.ctx)
        self.told, self.language = error, language

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(_sentence(self.told, self.language), file=file, err=True)
        if self.told.ctx is not None:
            click.echo(mistake("help_hint", self.language, path=self.told.ctx.command_path), file=file, err=True)


class Commands(click.Group):
    """The root group of the program. A command's module is imported when the command is asked for: all of them together
    take seconds on a small machine."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._places: dict[str, str] = {}
        self._language = "id"

    def add_later(self, name: str, place: str) -> None:
        """Know a command by its name and its place, `module:attribute`."""
        self._places[name] = place

    def load_all(self) -> None:
        """Import every command."""
        for name in list(self._places):
            self._load(name)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*self.commands, *self._places})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in self._places:
            self._load(cmd_name)
        return super().get_command(ctx, cmd_name)

    def _load(self, name: str) -> None:
        module, _, attribute = self._places.pop(name).partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        self.add_command(command, name)
        _speak(command, self._language)

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        args = _language_first(args)
        language = args[1] if args[:1] == [_LANGUAGE] and len(args) > 1 else os.environ.get("LONTARA_LANG", "id")
        self._language = language
        _speak(self, language)
        try:
            return super().make_context(info_name, args, parent, **extra)
        except click.exceptions.NoArgsIsHelpError:
            raise
        except click.UsageError as error:
            raise Mistake(error, language) from error

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except click.exceptions.NoArgsIsHelpError:
            raise
        except click.UsageError as error:
            raise Mistake(error, str(ctx.params.get("language") or "id")) from error


def _speak(command: click.Command, language: str) -> None:
    speak(command, HELP, language)
    for part in parts_of(command):
        if isinstance(part, click.Command):
            part.context_class = click.Context if language == "en" else _Context


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
        return mistake("no_such_command", language, name=unknown.group(1))
    if isinstance(error, click.NoSuchOption):
        return mistake("no_such_option", language, name=error.option_name)
    more = error.message if language == "en" else HELP.get(error.message, "")
    if not isinstance(error, click.BadParameter):
        return more or mistake("bad_command", language)
    name = _name(error.param) or error.param_hint or "?"
    if isinstance(error, click.MissingParameter):
        is_option = isinstance(error.param, click.Option)
        return mistake("missing_option" if is_option else "missing_argument", language, name=name)
    if error.param is not None and isinstance(error.param.type, click.Choice):
        return mistake("one_of", language, name=name, choices=", ".join(map(str, error.param.type.choices)))
    return f"{mistake('bad_value', language, name=name)} {more}".rstrip()


def _name(parameter: click.Parameter | None) -> str | None:
    if parameter is None:
        return None
    return parameter.opts[-1] if isinstance(parameter, click.Option) else parameter.human_readable_name
