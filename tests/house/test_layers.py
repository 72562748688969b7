"""Which way the arrows run: who may import whom, and where each large library may appear.

The picture behind it: lontara_core <- lontara, lontara_core <- lontara_server, web -> services -> {storage,
performance, core}; `app` wires and nobody imports it; client and server never meet.
"""

import pytest

from house.tree import Source, assert_none, each, imports, is_within, product_sources

OURS = ("lontara_core", "lontara", "lontara_server", "lontara_demo", "lontara_schema")
SERVER = "lontara_server"

# What each layer may import of our own code, beside itself. The longest name that fits a module decides.
MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "lontara_core": (),
    "lontara_schema": (),
    # Scripts that write down what the core says; nothing imports them.
    "lontara_schema.make_messages": ("lontara_core",),
    "lontara_schema.make_vectors": ("lontara_core",),
    "lontara_schema.make_openapi": ("lontara_server",),
    "lontara": ("lontara_core", "lontara_schema"),
    "lontara_demo": ("lontara_core", "lontara", "lontara_server", "lontara_schema"),
    f"{SERVER}.config": ("lontara_core",),
    f"{SERVER}.performance": ("lontara_core",),
    f"{SERVER}.storage": ("lontara_core", "lontara_schema"),
    f"{SERVER}.services": ("lontara_core", "lontara_schema", f"{SERVER}.storage", f"{SERVER}.performance"),
    f"{SERVER}.web": ("lontara_core", "lontara_schema", f"{SERVER}.config", f"{SERVER}.services"),
    f"{SERVER}.jobs": ("lontara_core", f"{SERVER}.config", f"{SERVER}.services", f"{SERVER}.storage"),
    # The two that wire: the application for HTTP, and the command line, which starts it.
    f"{SERVER}.app": ("lontara_core", "lontara_schema", SERVER),
    f"{SERVER}.cli": ("lontara_core", "lontara_schema", SERVER),
    SERVER: ("lontara_core",),
}

# Where a library may be imported at all.
ONLY_IN: dict[str, tuple[str, ...]] = {
    "flask": (f"{SERVER}.web", f"{SERVER}.app", "lontara.app"),
    "werkzeug": (f"{SERVER}.web", f"{SERVER}.app", "lontara.app"),
    "flask_sqlalchemy": (f"{SERVER}.storage", f"{SERVER}.app"),
    "sqlalchemy": (f"{SERVER}.storage",),
    "alembic": (f"{SERVER}.storage",),
    "apispec": (f"{SERVER}.web",),
    "marshmallow": (f"{SERVER}.web", f"{SERVER}.importers"),
    "apscheduler": (f"{SERVER}.jobs", "lontara.scheduler"),
}


def layer_of(module: str) -> str:
    return max((layer for layer in MAY_IMPORT if is_within(module, layer)), key=len)


def wrong_arrows(source: Source) -> list[str]:
    layer = layer_of(source.module)
    allowed = MAY_IMPORT[layer]
    findings = []
    for line, name in imports(source):
        ours = any(is_within(name, package) for package in OURS)
        if ours and not is_within(name, layer) and not any(is_within(name, package) for package in allowed):
            rest = ", ".join(allowed) or "nothing else of ours"
            findings.append(f"{source.path}:{line}: {layer} importing {name} is banned, use {layer} itself or {rest}")
    return findings


def libraries_out_of_place(source: Source) -> list[str]:
    return [
        f"{source.path}:{line}: {library} is banned in {source.module}, use it in {' or '.join(places)}"
        for line, name in imports(source)
        for library, places in ONLY_IN.items()
        if is_within(name, library) and not any(is_within(source.module, place) for place in places)
    ]


@pytest.mark.parametrize("source", each(product_sources()))
def test_a_module_imports_only_what_its_layer_may(source: Source) -> None:
    assert_none(wrong_arrows(source))


@pytest.mark.parametrize("source", each(product_sources()))
def test_a_library_is_imported_only_where_it_belongs(source: Source) -> None:
    assert_none(libraries_out_of_place(source))


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("lontara_core.merge", "from lontara import client"),
        ("lontara.engine", "import lontara_server.services"),
        ("lontara_server.services.sync", "from ..web import api"),
        ("lontara_server.services.sync", "from lontara_server import app"),
        ("lontara_server.storage.feed", "from lontara_server.services.sync import settle_batch"),
        ("lontara_server.performance.minutes", "from lontara_server.storage import entries"),
        ("lontara_server.web.api", "from lontara_server.storage import entries"),
    ],
)
def test_an_arrow_against_the_picture_is_reported(module: str, line: str) -> None:
    source = Source("a.py", module, line)

    findings = wrong_arrows(source)

    assert len(findings) == 1


def test_a_library_outside_its_place_is_reported() -> None:
    source = Source("a.py", "lontara_server.services.sync", "from sqlalchemy import select\nimport flask")

    findings = libraries_out_of_place(source)

    assert len(findings) == 2
