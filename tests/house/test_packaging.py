"""What setup.cfg lists by hand agrees with the tree: packages, data files, and the libraries imported."""

import sys
from glob import glob
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from house.tree import (
    ROOT,
    Source,
    assert_none,
    each,
    files_under,
    imports,
    is_within,
    package_folders,
    product_sources,
)
from house.tree import setup_cfg as read_setup_cfg

SETUP = read_setup_cfg()
LISTED = SETUP["options"]["packages"].split()


def packages_in_tree() -> set[str]:
    """Each folder with an __init__.py, by its dotted name."""
    return {source.module for source in product_sources() if source.path.endswith("__init__.py")}


def folder_of(package: str) -> Path:
    top, *inner = package.split(".")
    return package_folders()[top].joinpath(*inner)


def shipped_data() -> set[Path]:
    """What the patterns of [options.package_data] match, read as setuptools reads them."""
    return {
        folder_of(package) / found
        for package, patterns in SETUP["options.package_data"].items()
        for pattern in patterns.split()
        for found in glob(pattern, root_dir=folder_of(package), recursive=True)
    }


def data_files() -> list[Path]:
    """Each file of the package folders that is no module of a listed package."""
    modules = {path for package in LISTED for path in folder_of(package).glob("*.py")}
    return [path for folder in package_folders().values() for path in files_under(folder) if path not in modules]


def test_every_package_of_the_tree_is_listed_in_setup_cfg() -> None:
    listed = set(LISTED)

    in_tree = packages_in_tree()

    assert listed == in_tree


def test_the_list_of_packages_has_no_repeats() -> None:
    assert len(LISTED) == len(set(LISTED))


@pytest.mark.parametrize("path", data_files(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_data_file_is_shipped(path: Path) -> None:
    assert path in shipped_data(), "name it in setup.cfg under [options.package_data] of its package"


def declared(extra: str) -> set[str]:
    """The distributions that an installation with the extra brings by name."""
    lines = [Requirement(line) for line in requires("lontara") or []]
    return {
        canonicalize_name(line.name)
        for line in lines
        if line.marker is None or line.marker.evaluate({"extra": extra}) or line.marker.evaluate({"extra": ""})
    }


def undeclared_libraries(source: Source) -> list[str]:
    is_client = is_within(source.module, "lontara") or is_within(source.module, "lontara_core")
    extra = "" if is_client else "server"
    distributions = packages_distributions()
    findings = []
    for line, name in imports(source):
        top = name.partition(".")[0]
        if top in sys.stdlib_module_names or top.startswith("lontara"):
            continue
        brought_by = {canonicalize_name(found) for found in distributions.get(top, [])}
        if not brought_by & declared(extra):
            where = "[options] install_requires" if is_client else "the extra `server`"
            findings.append(f"{source.path}:{line}: {top} is not declared, name it in setup.cfg in {where}")
    return findings


@pytest.mark.parametrize("source", each(product_sources()))
def test_every_library_that_the_code_imports_is_declared(source: Source) -> None:
    assert_none(undeclared_libraries(source))


def test_a_library_of_the_server_in_the_client_is_reported() -> None:
    source = Source("a.py", "lontara.engine", "import flask")

    findings = undeclared_libraries(source)

    assert len(findings) == 1


def test_the_licence_file_is_the_one_that_setup_cfg_names() -> None:
    assert SETUP["metadata"]["license"] == "Apache-2.0"
    assert "Apache License" in (ROOT / SETUP["metadata"]["license_files"]).read_text(encoding="utf-8")
