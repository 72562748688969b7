"""Every sentence that the product gives a Problem has its Indonesian, so that no line of one is of another language."""

import ast
from functools import cache

import pytest

from house.tree import calls, product_sources
from lontara_core.problem_sentences import MESSAGES, NEXT_STEPS, in_indonesian

# Sentences made of parts that come from elsewhere: a device's answer, a refusal of the core, a mistake in a file. A
# problem shows its facts then, or how the field is written.
MADE_ELSEWHERE = frozenset({
    "{0}; nothing was saved.",
    "{0}{1}. Nothing was changed.",
    "{0} {1}. Nothing was changed.",
    "{0} Nothing was changed.",
})  # fmt: skip


def template(node: ast.expr) -> str | None:
    """A sentence as the catalogue names it, `{0}` for what varies; None for what no literal begins."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        parts, count = "", 0
        for piece in node.values:
            if isinstance(piece, ast.Constant):
                parts += str(piece.value)
            else:
                parts += f"{{{count}}}"
                count += 1
        return parts
    return None


@cache
def sentences(place: int) -> list[str]:
    """What stands at this place of every Problem that the product raises, 1 for messages and 3 for next steps."""
    found = set()
    for source in product_sources():
        for call, name in calls(source.syntax):
            if name.rpartition(".")[2] == "Problem" and len(call.args) > place:
                sentence = template(call.args[place])
                if sentence and sentence not in MADE_ELSEWHERE:
                    found.add(sentence)
    return sorted(found)


@pytest.mark.parametrize("sentence", sentences(1))
def test_a_message_is_said_in_indonesian(sentence: str) -> None:
    assert in_indonesian(sentence, MESSAGES) is not None, f"add to MESSAGES: {sentence}"


@pytest.mark.parametrize("sentence", sentences(3))
def test_a_next_step_is_said_in_indonesian(sentence: str) -> None:
    assert in_indonesian(sentence, NEXT_STEPS) is not None, f"add to NEXT_STEPS: {sentence}"
