"""Report -> text, HTML, Markdown, JUnit and JSON: a module ``as_*`` for each."""

from arcprobe.report.formats import RENDERERS as RENDERERS, renderer as renderer
