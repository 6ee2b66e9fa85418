"""A registry is asked for a manifest, then for its smallest blob, and no further than it
answers."""

from __future__ import annotations

import json

import msgspec
import pytest

from arcprobe.model import AnyStep, Dial, Exchange, Failure, FailureKind, Head
from arcprobe.probes.registry import next_path, smallest
from tests.probes import peers

PATHS = tuple(f"/v2/{name}/manifests/1" for name in "abcd")
CHECK = msgspec.structs.replace(peers.check(), discovery="mcr", paths=PATHS)
SMALL, LARGE = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"
EMPTY = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
MANIFEST = json.dumps(
    {"config": {"digest": LARGE, "size": 900}, "layers": [{"digest": SMALL, "size": 5}]}
)
DEAD = Dial(address="20.0.0.1", port=443, failure=Failure(kind=FailureKind.TIMED_OUT))
INDEX = json.dumps({"manifests": [{"digest": SMALL}, {"digest": LARGE}]})


def answered(path: str, status: int = 200, body: str = "", short: str = "") -> Exchange:
    return Exchange(method="GET", path=path, head=Head(status=status, body=body), body_short=short)


@pytest.mark.parametrize(
    ("steps", "path"),
    [
        ((), PATHS[0]),
        ((DEAD,), ""),
        ((DEAD, Dial(address="20.0.0.2", port=443)), PATHS[0]),
        ((answered(PATHS[0], body=MANIFEST),), f"/v2/a/blobs/{SMALL}"),
        ((answered(PATHS[0], body=INDEX),), f"/v2/a/manifests/{SMALL}"),
        (
            (answered(PATHS[0], body=INDEX), answered(f"/v2/a/manifests/{SMALL}", body=INDEX)),
            f"/v2/a/blobs/{EMPTY}",
        ),
        ((answered(PATHS[0], body="no manifest"),), f"/v2/a/blobs/{EMPTY}"),
        ((answered(PATHS[0], status=404),), PATHS[1]),
        (tuple(answered(path, status=404) for path in PATHS[:3]), f"/v2/c/blobs/{EMPTY}"),
        ((answered(PATHS[0], status=307),), ""),
        ((answered(PATHS[0], body=MANIFEST, short="the body stalled"),), ""),
        ((answered(f"/v2/a/blobs/{SMALL}", status=307),), ""),
        ((Exchange(method="GET", path=PATHS[0], failure=Failure(kind=FailureKind.RESET)),), ""),
    ],
)
def test_what_is_asked_next(steps: tuple[AnyStep, ...], path: str) -> None:
    """An index leads to a manifest, a manifest to its smallest blob, a missing image to the next,
    three at most; a redirect or a broken answer ends it."""
    assert next_path(CHECK, steps) == path


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "null",
        '{"manifests":[5]}',
        '{"layers":[{"digest":"sha256:short","size":1}]}',
        '{"config":{"size":1}}',
        f'{{"config":{{"digest":"{SMALL}","size":1e999}}}}',
        "[" * 5000,
    ],
)
def test_a_manifest_of_another_shape_names_nothing(body: str) -> None:
    """JSON of any shape, and digests that are none, give nothing to ask for."""
    assert smallest(body) == ("", "")
