"""Every help of both programs has its Indonesian, and a mistake in the words of a command is told in one language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click
import pytest
from click.testing import CliRunner

from lontara.cli.help_words import HELP as DEVICE_HELP
from lontara.cli.main import main as lontara
from lontara_core.command_words import parts_of, sentences_of
from lontara_server.cli.help_words import HELP as SERVER_HELP
from lontara_server.cli.main import main as lontara_server

lontara_server.load_all()
PROGRAMS: tuple[tuple[click.Group, Mapping[str, str]], ...] = ((lontara, DEVICE_HELP), (lontara_server, SERVER_HELP))


def texts(part: Any) -> list[str]:
    """The help and the epilog of a command or an option as they were written."""
    found = (vars(part).get(f"_english_{name}") or getattr(part, name, None) for name in ("help", "epilog"))
    return [text for text in found if text]


@pytest.mark.parametrize(("program", "catalogue"), PROGRAMS, ids=["lontara", "lontara-server"])
def test_every_help_is_said_in_indonesian(program: click.Group, catalogue: Mapping[str, str]) -> None:
    said = [sentence for part in parts_of(program) for text in texts(part) for sentence in sentences_of(text)]

    missing = sorted({sentence for sentence in said if sentence not in catalogue})

    assert missing == []


@pytest.mark.parametrize(
    ("program", "arguments", "indonesian", "english"),
    [
        (lontara, ("add", "--help"), "Simpan sebuah catatan.", "Save an entry."),
        (lontara_server, ("user", "create", "--help"), "Buat akun.", "Make an account."),
    ],
)
def test_a_help_is_in_the_language_that_was_asked_for(
    program: click.Group, arguments: tuple[str, ...], indonesian: str, english: str
) -> None:
    by_option = CliRunner().invoke(program, [*arguments, "--lang", "en"]).output
    by_environment = CliRunner().invoke(program, arguments, env={"LONTARA_LANG": "en"}).output

    said = CliRunner().invoke(program, arguments).output

    assert (by_option, english in by_option) == (by_environment, True)
    assert indonesian in said
    assert not any(words in said for words in ("Usage", "Options", "Example", "Show this message", "[required]", english))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("user", "create", "ambo"), "Pilihan --role wajib diisi."),
        (("user", "create", "ambo", "--role", "raja"), "Nilai untuk --role: salah satu dari admin, supervisor, auditor."),
        (("user", "create"), "LOGIN belum disebut."),
        (("userr",), "Tidak ada perintah userr."),
        (("status", "--jsn"), "Tidak ada pilihan --jsn."),
        (("run", "--bind", "8080"), "Nilai untuk --bind tidak dapat dipakai. HOST:PORT, misalnya 127.0.0.1:8080."),
        (("conflict", "resolve", "ID", "--reason", "x"), "Sebutkan salah satu dari --keep"),
    ],
)
def test_a_command_of_the_server_that_cannot_be_read_is_told_in_indonesian(arguments: tuple[str, ...], told: str) -> None:
    result = CliRunner().invoke(lontara_server, arguments)

    assert result.exit_code == 2
    assert result.stderr.splitlines()[0].startswith(told)
    assert "--help" in result.stderr


def test_a_program_without_a_command_shows_its_help() -> None:
    result = CliRunner().invoke(lontara, [])

    assert "Pemakaian: " in result.output
