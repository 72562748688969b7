"""What the house tests look at: the tree's Python files with their module names, imports and calls.

Only reading and naming lives here; what is allowed and what is banned stands in the tests.
"""

import ast
import configparser
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from _pytest.mark.structures import ParameterSet

ROOT = Path(__file__).resolve().parents[2]
MADE_BY_TOOLS = {
    ".git",
    ".venv",
    "build",
    "dist",
    "__pycache__",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
}
MADE_BY_TOOLS |= {".hypothesis", "node_modules", "demo-data"}


@dataclass(frozen=True)
class Source:
    """One Python file: its place, its dotted name, and its text."""

    path: str
    module: str
    text: str

    @property
    def syntax(self) -> ast.Module:
        return ast.parse(self.text, self.path)


@cache
def setup_cfg() -> configparser.ConfigParser:
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    return config


@cache
def package_folders() -> dict[str, Path]:
    """Each top package and its folder, as setup.cfg's package_dir has them."""
    lines = setup_cfg()["options"]["package_dir"].strip().splitlines()
    return {package: ROOT / folder for package, folder in (line.split(" = ") for line in lines)}


def files_under(folder: Path) -> Iterator[Path]:
    """Every file of the project below the folder, in order; nothing that tools made."""
    for path in sorted(folder.iterdir()):
        if path.name in MADE_BY_TOOLS or path.name.endswith(".egg-info"):
            continue
        if path.is_dir():
            yield from files_under(path)
        else:
            yield path


@cache
def product_sources() -> tuple[Source, ...]:
    """The Python files of the packages that we ship."""
    return tuple(
        _source(path, Path(package) / path.relative_to(folder))
        for package, folder in package_folders().items()
        for path in files_under(folder)
        if path.suffix == ".py"
    )


@cache
def all_sources() -> tuple[Source, ...]:
    """The packages, the tests and the benchmarks."""
    others = [ROOT / name for name in ("tests", "bench") if (ROOT / name).is_dir()]
    return product_sources() + tuple(
        _source(path, path.relative_to(ROOT))
        for folder in others
        for path in files_under(folder)
        if path.suffix == ".py"
    )


def _source(path: Path, dotted_path: Path) -> Source:
    parts = dotted_path.with_suffix("").parts
    module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    return Source(path.relative_to(ROOT).as_posix(), module, path.read_text(encoding="utf-8"))


def each(sources: tuple[Source, ...]) -> list[ParameterSet]:
    """One test case per file, named by its path."""
    return [pytest.param(source, id=source.path) for source in sources]


def is_within(module: str, package: str) -> bool:
    """Whether the dotted name is the package or lies in it."""
    return module == package or module.startswith(package + ".")


def imports(source: Source) -> Iterator[tuple[int, str]]:
    """Line and dotted name of each thing imported: `from a import b` gives `a.b`."""
    package = source.module if source.path.endswith("__init__.py") else source.module.rpartition(".")[0]
    for node in ast.walk(source.syntax):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            climbed = ".".join(package.split(".")[: len(package.split(".")) - node.level + 1]) if node.level else ""
            start = ".".join(part for part in (climbed, node.module) if part)
            yield from ((node.lineno, f"{start}.{alias.name}") for alias in node.names)


def dotted(node: ast.expr) -> str:
    """`a.b.c` of a name or attribute; what is no plain name shows as `?`."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return "?"


def calls(syntax: ast.AST) -> Iterator[tuple[ast.Call, str]]:
    """Each call with the dotted name of what is called."""
    for node in ast.walk(syntax):
        if isinstance(node, ast.Call):
            yield node, dotted(node.func)


def assert_none(findings: list[str]) -> None:
    """Fail with every finding on a line of its own."""
    if findings:
        pytest.fail("\n".join(findings), pytrace=False)
