"""The formats by name."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

# format -> module of this package with ``render``
RENDERERS = {
    "text": "as_text",
    "json": "as_json",
    "html": "as_html",
    "junit": "as_junit",
    "markdown": "as_markdown",
    "github": "as_github",
    "prometheus": "as_prometheus",
}


def renderer(name: str) -> Callable[..., str]:
    """The render function of a format: ``render(report, *, language=None, colour=False, width=100)
    -> str``. ``language`` None: the default one."""
    render: Callable[..., str] = import_module(f"arcprobe.report.{RENDERERS[name]}").render
    return render
