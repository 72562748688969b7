"""Makes everything that follows from `schema/records/*.yaml`: the typed module of the core and the JSON Schema.

`python -m lontara_schema.generate` rewrites them; `--check` only says whether they are current.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).resolve().parent
MODULE = HERE.parent / "sync_core" / "lontara_core" / "record_types.py"
SCHEMA = HERE / "wire" / "v1" / "records.schema.json"

DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]"
DECIMAL = r"(0|[1-9][0-9]{0,11})(\.[0-9]{0,3}[1-9])?"
ID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
HASH = r"[0-9a-f]{64}"
REFERENCE = r"sha256:[0-9a-f]{64}"
PATTERNS = {"date": DATE, "time": TIME, "decimal": DECIMAL, "id": ID, "hash": HASH}


def load() -> list[dict[str, Any]]:
    """Every record type's declaration, in the order of their names."""
    return [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted((HERE / "records").glob("*.yaml"))]


def python_type(spec: dict[str, Any]) -> str:
    """The msgspec type of a field, as source text."""
    kind = spec["type"]
    if kind in PATTERNS:
        text = f'Annotated[str, Meta(pattern=r"\\A{PATTERNS[kind]}\\Z")]'
    elif kind == "text":
        parts = [f"{key}={spec[key]}" for key in ("min_length", "max_length") if key in spec]
        if "pattern" in spec:
            parts.append(f'pattern=r"\\A{spec["pattern"]}\\Z"')
        text = f"Annotated[str, Meta({', '.join(parts)})]" if parts else "str"
    elif kind == "integer":
        text = f"Annotated[int, Meta(ge={spec['min']}, le={spec['max']})]"
    elif kind == "instant":
        text = "Annotated[int, Meta(ge=0, le=9007199254740991)]"
    elif kind == "boolean":
        text = "bool"
    elif kind == "choice":
        text = f"Literal[{', '.join(json.dumps(choice) for choice in spec['choices'])}]"
    elif kind == "references":
        text = (
            f'Annotated[list[Annotated[str, Meta(pattern=r"\\A{REFERENCE}\\Z")]], Meta(max_length={spec["max_items"]})]'
        )
    elif kind == "ids":
        text = f'list[Annotated[str, Meta(pattern=r"\\A{ID}\\Z")]]'
    elif kind == "flags":
        text = "list[str]"
    else:
        text = "Any"
    return f"{text} | None" if spec.get("nullable") else text


def json_type(spec: dict[str, Any]) -> dict[str, Any]:
    """The JSON Schema of a field."""
    kind = spec["type"]
    out: dict[str, Any]
    if kind in PATTERNS:
        out = {"type": "string", "pattern": f"^{PATTERNS[kind]}$"}
    elif kind == "text":
        out = {"type": "string"}
        for key, word in (("min_length", "minLength"), ("max_length", "maxLength")):
            if key in spec:
                out[word] = spec[key]
        if "pattern" in spec:
            out["pattern"] = f"^{spec['pattern']}$"
    elif kind in ("integer", "instant"):
        out = {"type": "integer", "minimum": spec.get("min", 0), "maximum": spec.get("max", 9007199254740991)}
    elif kind == "boolean":
        out = {"type": "boolean"}
    elif kind == "choice":
        out = {"enum": list(spec["choices"])}
    elif kind == "references":
        out = {"type": "array", "maxItems": spec["max_items"], "items": {"type": "string", "pattern": f"^{REFERENCE}$"}}
    elif kind == "ids":
        out = {"type": "array", "items": {"type": "string", "pattern": f"^{ID}$"}}
    elif kind == "flags":
        out = {"type": "array", "items": {"type": "string"}}
    else:
        out = {}
    if spec.get("nullable"):
        out = {"anyOf": [out, {"type": "null"}]}
    if "about" in spec:
        out["description"] = spec["about"]
    return out


def class_name(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_")) + "Fields"


def module_text(types: list[dict[str, Any]]) -> str:
    """The source of `lontara_core.record_types`."""
    lines = [
        '"""Record types as the code knows them. GENERATED from schema/records: do not edit."""',
        "",
        "# ruff: noqa: E501",
        "",
        "from __future__ import annotations",
        "",
        "from typing import Annotated, Any, Literal, TypedDict",
        "",
        "from msgspec import Meta",
        "",
        "from lontara_core.record_type import Field, RecordType",
        "",
        "",
    ]
    for doc in types:
        lines += [
            f"class {class_name(doc['type'])}(TypedDict, total=False):",
            f'    """Fields of {doc["type"]} on the wire."""',
            "",
        ]
        lines += [f"    {name}: {python_type(spec)}" for name, spec in doc["fields"].items()]
        lines += ["", ""]
    lines.append("RECORD_TYPES: dict[str, RecordType] = {")
    for doc in types:
        graph = doc.get("state_graph", {})
        lines += [f'    "{doc["type"]}": RecordType(', f'        name="{doc["type"]}",', "        fields={"]
        for name, spec in doc["fields"].items():
            parts = [json.dumps(name), json.dumps(spec["type"]), json.dumps(spec["rule"])]
            if "group" in spec:
                parts.append(f"group={json.dumps(spec['group'])}")
            parts += [f"{word}=True" for word in ("nullable", "required") if spec.get(word)]
            if "choices" in spec:
                parts.append(f"choices={_tuple(spec['choices'])}")
            lines.append(f'            "{name}": Field({", ".join(parts)}),')
        lines.append("        },")
        lines.append(
            "        groups={"
            + ", ".join(f'"{g}": {_tuple(names)}' for g, names in doc.get("groups", {}).items())
            + "},"
        )
        lines.append(
            "        written_by=frozenset({" + ", ".join(json.dumps(w) for w in sorted(doc["written_by"])) + "}),"
        )
        lines.append(f'        delete="{doc["delete"]}",')
        if graph:
            lines.append("        transitions={")
            for name, spec in graph.items():
                lines.append(f'            "{name}": {{')
                for who in ("author", "supervisor"):
                    moves = ", ".join(f'"{was}": {_tuple(to)}' for was, to in spec.get(who, {}).items())
                    lines.append(f'                "{who}": {{{moves}}},')
                lines.append("            },")
            lines.append("        },")
            lines.append("        initial={" + ", ".join(f'"{n}": "{s["initial"]}"' for n, s in graph.items()) + "},")
            lines.append("        final={" + ", ".join(f'"{n}": {_tuple(s["final"])}' for n, s in graph.items()) + "},")
        lines.append("    ),")
    lines.append("}")
    lines += ["", "FIELD_SHAPES: dict[str, Any] = {"]
    lines += [f'    "{doc["type"]}": {class_name(doc["type"])},' for doc in types]
    lines += ["}", ""]
    return "\n".join(lines)


def _tuple(names: list[str]) -> str:
    return "(" + ", ".join(json.dumps(name) for name in names) + ("," if len(names) == 1 else "") + ")"


def schema_text(types: list[dict[str, Any]]) -> str:
    """JSON Schema of every record type's fields, with the merge rule of each as `x-merge-rule`."""
    defs: dict[str, Any] = {}
    for doc in types:
        properties = {}
        for name, spec in doc["fields"].items():
            shape = json_type(spec)
            shape["x-merge-rule"] = spec["rule"]
            if "group" in spec:
                shape["x-atomic-group"] = spec["group"]
            if "unit" in spec:
                shape["x-unit"] = spec["unit"]
            properties[name] = shape
        defs[doc["type"]] = {
            "type": "object",
            "title": doc["title"]["en"],
            "properties": properties,
            "additionalProperties": False,
        }
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "lontara:wire/v1/records", "$defs": defs}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def main(*, check: bool) -> int:
    """Write the generated files, or with `check` return 1 when one of them is not current."""
    types = load()
    stale = 0
    for path, text in ((MODULE, module_text(types)), (SCHEMA, schema_text(types))):
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale = 1
        if not check:
            path.write_text(text, encoding="utf-8")
    return stale if check else 0


if __name__ == "__main__":
    raise SystemExit(main(check="--check" in sys.argv))
