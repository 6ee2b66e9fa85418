"""Under which licences what ships with arcprobe may be used: ``python -m tests.support.licences``
prints a line for each distribution, from what its authors declare in it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import metadata
from typing import NamedTuple

from packaging.requirements import Requirement

ROOT = "arcprobe"
_CLASSIFIER = "License :: OSI Approved :: "
_LONGEST = 60  # characters; some declare the whole text


class Shipped(NamedTuple):
    """A distribution that an installed arcprobe needs."""

    name: str
    version: str
    licence: str


def shipped(root: str = ROOT) -> tuple[Shipped, ...]:
    """What ``root`` needs, and what that needs, by name."""
    found: dict[str, Shipped] = {}
    waiting = [root]
    while waiting:
        distribution = metadata.distribution(waiting.pop())
        name = distribution.metadata["Name"]
        if name not in found:
            found[name] = Shipped(name, distribution.version, licence(distribution.metadata))
            waiting += _needed(distribution)
    return tuple(sorted(found.values(), key=lambda one: one.name.lower()))


def licence(declared: metadata.PackageMetadata) -> str:
    """What a distribution declares: its expression (PEP 639), else its classifiers, else its
    field."""
    classifiers = declared.get_all("Classifier") or ()
    named = (text.removeprefix(_CLASSIFIER) for text in classifiers if _CLASSIFIER in text)
    said = (
        " ".join(declared.get_all("License-Expression") or ()),
        ", ".join(named),
        " ".join(declared.get_all("License") or ())[:_LONGEST],
    )
    return next(filter(None, said), "")


def _needed(distribution: metadata.Distribution) -> Iterator[str]:
    for text in distribution.requires or ():
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield requirement.name


def main() -> None:
    """The list."""
    for one in shipped():
        sys.stdout.write(f"{one.name} {one.version}: {one.licence}\n")


if __name__ == "__main__":
    main()
