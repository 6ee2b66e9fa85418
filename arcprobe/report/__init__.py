"""Report -> text, in five formats. ``RENDERERS`` names them; each module is imported only when its
format is asked for."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

# format -> module of this package with ``render(report, *, colour=False, width=100) -> str``
RENDERERS = {
    "text": "as_text",
    "json": "as_json",
    "html": "as_html",
    "junit": "as_junit",
    "markdown": "as_markdown",
}

# who acts, in words, and what is asked of them first
ACTORS = {
    "proxy": "the proxy team",
    "firewall": "the firewall team",
    "dns": "the DNS team",
    "pki": "the PKI team (certificates)",
    "cluster": "the cluster team",
    "azure": "Microsoft Azure",
    "you": "you (the settings of this run)",
}


def renderer(form: str) -> Callable[..., str]:
    """The render function of a format of ``RENDERERS``: ``render(report, *, colour=False,
    width=100) -> str``."""
    render: Callable[..., str] = import_module(f"{__name__}.{RENDERERS[form]}").render
    return render
