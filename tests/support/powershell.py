"""Lines for PowerShell, parsed by a grammar of PowerShell that others have written (the package
``tree-sitter-powershell``)."""

from __future__ import annotations

import re
from typing import Any

from tests.support.tools import library

# a flag with its value behind a sign of equality is one word to PowerShell, and unknown to this
# grammar
_LONG_FLAG = re.compile(r"(?<= )(--[\w-]+)=")


def parsed(text: str) -> Any:
    """The root of the syntax tree. AssertionError where the grammar does not take the text."""
    tree_sitter = library("tree_sitter")
    language = tree_sitter.Language(library("tree_sitter_powershell").language())
    tree = tree_sitter.Parser(language).parse(_LONG_FLAG.sub(r"\1", text).encode())
    assert not tree.root_node.has_error, f"{text}\n{tree.root_node}"
    return tree.root_node


def command(text: str) -> list[str]:
    """The words of a line that is one command and nothing else, as they are written."""
    node = parsed(text)
    for kind in ("program", "statement_list", "pipeline", "pipeline_chain"):
        assert (node.type, len(node.children)) == (kind, 1), f"{text}\n{node}"
        node = node.children[0]
    assert node.type == "command", f"{text}\n{node}"
    name, *rest = node.named_children
    words = [child for one in rest for child in one.named_children]
    wanted = [word for word in words if word.type != "command_argument_sep"]
    return [found.text.decode() for found in (name, *wanted)]
