"""The bypass list drawn over the address ranges of the cluster: a strip a range, with what goes
past the proxy, what does not, and the addresses in use. The words beside it say the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from arcprobe.knowledge.service_ranges import default_ranges
from arcprobe.model import Cluster, Range, Report, Verdict
from arcprobe.no_proxy import intervals, make_address, network_around, uncovered
from arcprobe.report.page.drawings import Segment, strip
from arcprobe.report.page.markup import Markup, join, tag
from arcprobe.report.words import Words

_MOST_RANGES = 12  # drawn; the JSON has all
_MOST_RUNS = 4  # named of what is not covered
_MOST_SEGMENTS = 200  # of one strip
_DIALECT = "go"  # as the agents read the list
_SERVICES = "services"
_VERSION = 4  # of the addresses that a range is guessed from
_TICK = 0.004  # of the strip: the least that an eye sees


def draw_ranges(report: Report, words: Words) -> Markup:
    """The section; nothing where no proxy is set, or the cluster's ranges are not known."""
    settings = report.run.settings
    found = next(filter(None, (seen.cluster for seen in report.observations)), None)
    if found is None or not (settings.proxy_https or settings.proxy_http):
        return join()
    rows = [
        tag("li", list(_row(each, found, settings.skip_range or "", words)))
        for each in _ranges(found)[:_MOST_RANGES]
    ]
    return _section(rows, words) if rows else join()


def _section(rows: Sequence[Markup], words: Words) -> Markup:
    title = tag("h2", words("report.ranges.title"), id="ranges")
    legend = tag("p", words("report.ranges.legend"), class_="dim")
    return tag("section", title, tag("ul", rows, class_="ranges"), legend, aria_labelledby="ranges")


def _ranges(cluster: Cluster) -> tuple[Range, ...]:
    """The ranges that are known; where that of the Services is not, one round their addresses."""
    if any(each.what == _SERVICES for each in cluster.ranges):
        return cluster.ranges
    used = [run for run in intervals(cluster.addresses) if run[0] == _VERSION]
    if not used:
        return cluster.ranges
    cidr = _around(min(run[1] for run in used), max(run[2] for run in used))
    guess = Range(cidr=cidr, what=_SERVICES, source="", inferred=True)
    return (guess, *cluster.ranges)


def _around(low: int, high: int) -> str:
    """The narrowest usual range that holds both addresses; where none does, the closest network."""
    usual = (each.cidr for each in default_ranges())
    holding = [cidr for cidr in usual if _holds(cidr, low, high)]
    bits = 32 - (low ^ high).bit_length()
    closest = str(network_around(make_address(_VERSION, low), bits))
    return holding[-1] if holding else closest


def _holds(cidr: str, low: int, high: int) -> bool:
    return any(
        version == _VERSION and begin <= low and high <= end
        for version, begin, end in intervals((cidr,))
    )


def _row(each: Range, cluster: Cluster, skip_range: str, words: Words) -> Iterator[Markup | str]:
    runs = uncovered(_DIALECT, skip_range, (each.cidr,))
    verdict = Verdict.FAIL if runs else Verdict.PASS
    what = words(f"report.ranges.{each.what}", range=each.cidr)
    told = words("report.ranges.covered")
    if runs:
        told = words("report.ranges.uncovered", ranges=words.names(runs, _MOST_RUNS))
    yield from (f"{what}: ", tag("b", told, class_=verdict))
    yield strip(_segments(each, runs, cluster.addresses))


def _segments(each: Range, runs: Sequence[str], used: Sequence[str]) -> Iterator[Segment]:
    """What is covered and what is not, and over both the addresses in use."""
    ((version, low, high),) = intervals((each.cidr,)) or ((0, 0, 0),)
    size = high - low + 1
    open_parts = list(_within(runs[:_MOST_SEGMENTS], version, low, high))
    parts = [(Verdict.PASS.value, part) for part in _between(open_parts, low, high)]
    parts += [(Verdict.FAIL.value, part) for part in open_parts]
    parts += [("used", part) for part in _within(used[:_MOST_SEGMENTS], version, low, high)]
    for kind, (begin, end) in parts:
        width = max((end - begin + 1) / size, _TICK)
        yield Segment(min((begin - low) / size, 1 - width), width, kind)


def _between(parts: Iterable[tuple[int, int]], low: int, high: int) -> Iterator[tuple[int, int]]:
    """What the parts, which are in order, leave of a range."""
    for begin, end in parts:
        if begin > low:
            yield low, begin - 1
        low = end + 1
    if low <= high:
        yield low, high


def _within(runs: Iterable[str], version: int, low: int, high: int) -> Iterator[tuple[int, int]]:
    """The runs as first and last address, cut to a range; those outside are left out."""
    for number, begin, end in intervals(tuple(runs)):
        if number == version and begin <= high and end >= low:
            yield max(begin, low), min(end, high)
