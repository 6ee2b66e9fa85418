"""A proxy as a whole: where it opened no tunnel at all its own check says so, once; some that
failed beside others are a limit."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

from arcprobe.findings.ladder import Climb
from arcprobe.findings.reading import Reading
from arcprobe.findings.scene import Scene
from arcprobe.model import Code, Experiment, Judgement, line

# Faults of a proxy itself, whatever was asked of it.
PROXY_FAULT_CODES = frozenset(
    {
        Code.PROXY_NAME_UNKNOWN,
        Code.PROXY_REFUSED,
        Code.PROXY_SILENT,
        Code.PROXY_UNREACHABLE,
        Code.PROXY_RESET,
        Code.PROXY_NOT_HTTP,
        Code.PROXY_SPEAKS_PLAIN,
        Code.PROXY_SPEAKS_TLS,
        Code.PROXY_CERTIFICATE_UNTRUSTED,
        Code.PROXY_AUTH_REQUIRED,
        Code.PROXY_AUTH_REJECTED,
        Code.PROXY_AUTH_UNSUPPORTED,
        Code.PROXY_HUNG,
        Code.PROXY_CLOSED,
        Code.PROXY_REDIRECTS,
        Code.PROXY_OVERLOADED,
    }
)
_CUT = frozenset(
    {Code.PROXY_REFUSED, Code.PROXY_SILENT, Code.PROXY_RESET, Code.PROXY_CLOSED, Code.PROXY_HUNG}
)


def faults_of_proxies(scene: Scene, climbs: Mapping[str, Climb]) -> dict[str, Judgement]:
    """For each proxy that opened no tunnel at all, and always for the same reason: that reason, by
    the proxy's URL."""
    asked: dict[str, list[str]] = defaultdict(list)
    for check_id in climbs:
        proxy = scene.readings[check_id].check.proxy
        if proxy is not None:
            asked[proxy.url].append(check_id)
    found = {url: _fault_of(through, scene, climbs) for url, through in asked.items()}
    return {url: fault for url, fault in found.items() if fault is not None}


def _fault_of(through: list[str], scene: Scene, climbs: Mapping[str, Climb]) -> Judgement | None:
    if any(scene.readings[check_id].speaks.is_tunnel_open for check_id in through):
        return None
    ended = [word for check_id in through if (word := climbs[check_id].below) is not None]
    return _common_fault(ended) if len(ended) == len(through) else None


def _common_fault(words: list[Judgement]) -> Judgement | None:
    """Under load some of many equal connections may end otherwise: what more than half of them met
    is what is broken."""
    counted = Counter(word.code for word in words)
    if not counted or not counted.keys() <= PROXY_FAULT_CODES:
        return None
    code, count = counted.most_common(1)[0]
    return next(word for word in words if word.code is code) if count * 2 > len(words) else None


def limit_of_connections(
    reading: Reading, ended: Judgement, alike: list[Reading]
) -> Judgement | None:
    """A connection that was cut among many, and a tunnel that was opened when asked alone: a limit,
    not a policy.

    ``alike``: the readings of all checks through the same proxy.
    """
    proxy = reading.check.proxy
    if proxy is None or ended.code not in _CUT:
        return None
    own = reading.experiment(Experiment.ALONE)
    if own is not None and not own.is_tunnel_open:
        return None
    asked_alone = [each.experiment(Experiment.ALONE) for each in alike]
    if not any(each is not None and each.is_tunnel_open for each in asked_alone):
        return None
    return Judgement(
        code=Code.PROXY_OVERLOADED,
        evidence=(*ended.evidence, line("proxy.asked-alone")),
        subject=proxy.url,
        values=(("status", line("proxy.limit")),),
    )
