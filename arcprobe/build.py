"""A step of the package's build (``[tool.setuptools.cmdclass]`` in ``pyproject.toml``), where the
package itself cannot be imported yet. arcprobe never imports it."""

from __future__ import annotations

import runpy
from pathlib import Path

from setuptools.command.build_py import build_py


class BuildWithTables(build_py):
    """``build_py``, and the TOML files of ``knowledge/`` compiled in the package that is built."""

    def run(self) -> None:
        """Builds as always; an editable install, which has no copy of its own, is left alone."""
        super().run()
        if not self.editable_mode:
            compile_tables(Path(self.build_lib) / "arcprobe" / "knowledge")


def compile_tables(folder: Path) -> None:
    """Writes the compiled form of each TOML file below ``folder``, the package's ``knowledge``,
    beside it. ``ValueError`` for a file that has none."""
    # run and not imported: an import would leave a compiled file, with a time in it, in the package
    compiled = runpy.run_path(str(folder / "tables.py"))["compiled"]
    for file in folder.rglob("*.toml"):
        file.with_suffix(".compiled").write_bytes(compiled(file.read_bytes()))
