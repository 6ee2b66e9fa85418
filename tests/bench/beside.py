"""arcprobe beside other clients that ask the same endpoints, in one run:
``python -m tests.bench.beside [ROUNDS]``, as root. No test: figures, on a machine that is quiet.

Every packet of the node takes 20 ms each way. Commands take turns, the first round is dropped,
medians are printed, and ratios, which say more than seconds of one machine. Goals: on the clock
1.15 of the critical path, 40 MiB; for 1,000 endpoints 64 MiB, and 2.2 of the CPU of 500; silence
is told in 10.3 s, of a host or a name server that drops what is sent in 5 s.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from typing import NamedTuple
from urllib.parse import quote

import click

from tests.bench.cost import Cost, median_cost
from tests.bench.network import NAME_SERVER, PROXY, Network, network
from tests.netlab.servers import Server

ONE_WAY = 0.02  # seconds
# The longest chain of a preflight, in round trips: name of the proxy, TCP, CONNECT, TLS 1.3,
# manifest, blob; then TCP, CONNECT, TLS and blob of the host that the registry names.
ROUND_TRIPS = 10
_ROUNDS = 7
_SLOW_ROUNDS = 2  # of what takes many seconds
_EXPORTER = "prometheus-blackbox-exporter"
_EXPORTER_AT = "127.0.0.1:9115"
_TICKS = os.sysconf("SC_CLK_TCK")


class Stages(NamedTuple):
    """host:port and path of what is asked at once, and of what the first answers name."""

    first: tuple[tuple[str, str], ...]
    second: tuple[tuple[str, str], ...]


class Rival(NamedTuple):
    """One row: what it is called, and how one run of it is measured."""

    name: str
    measure: Callable[[], Cost]
    is_slow: bool = False


def stages_of(here: Network) -> Stages:
    """The endpoints of a whole check, as its own report lists them."""
    asked: dict[bool, dict[str, str]] = {False: {}, True: {}}
    for check in here.report(here.check())["checks"]:
        if check["kind"] in ("https", "websocket") and not check["left_out"]:
            is_named_by_another = bool(check["pattern"]) and not check["discovery"]
            asked[is_named_by_another].setdefault(check["target"], check["path"])
    return Stages(tuple(asked[False].items()), tuple(asked[True].items()))


# ---------------------------------------------------------------------------------- the others


def curl(here: Network, stages: Stages) -> Cost:
    """``curl -Z`` in two stages."""
    calls = []
    for stage in stages:
        urls = " ".join(f"-o /dev/null 'https://{target}{path}'" for target, path in stage)
        options = f"--proxy http://{PROXY} --cacert {here.roots} --parallel-max 100"
        calls.append(f"curl -gs -Z {options} {urls}")
    return here.cost(("sh", "-c", "; ".join(calls)))


def floor(here: Network, stages: Stages) -> Cost:
    """Bare Python with the same connections."""
    lists = (",".join(target for target, _path in stage) for stage in stages)
    return here.cost((sys.executable, "-m", "tests.bench.floor", PROXY, here.roots, *lists))


def sslyze(here: Network, stages: Stages) -> Cost:
    """The TLS part alone."""
    targets = (target for stage in stages for target, _path in stage)
    program = os.environ.get("ARCPROBE_SSLYZE", "sslyze")
    return here.cost((program, "--certinfo", f"--https_tunnel=http://{PROXY}", *targets))


def exporter(here: Network) -> Callable[[Stages], Cost]:
    """blackbox_exporter, started once and asked for all probes of a stage at once: its CPU and its
    client's, its memory."""
    configuration = here.folder / "blackbox.yml"
    configuration.write_text(
        "modules:\n  ask:\n    prober: http\n    http:\n      valid_status_codes: "
        "[200, 204, 301, 302, 307, 400, 401, 403, 404, 405, 500]\n"
        f"      proxy_url: http://{PROXY}\n      skip_resolve_phase_with_proxy: true\n"
        f"      tls_config:\n        ca_file: {here.roots}\n"
    )
    words = (_EXPORTER, f"--config.file={configuration}", f"--web.listen-address={_EXPORTER_AT}")
    pid = here.start(Server(software=_EXPORTER, host="node", argv=words, listens=(("tcp", 9115),)))

    def used() -> float:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def peak() -> float:
        with open(f"/proc/{pid}/status", encoding="utf-8") as file:
            line = next(line for line in file if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024

    def measure(stages: Stages) -> Cost:
        before = used()
        calls = []
        for stage in stages:
            targets = (quote(f"https://{target}{path}", safe="") for target, path in stage)
            where = f"http://{_EXPORTER_AT}/probe?module=ask&target="
            asked = " ".join(f"-o /dev/null '{where}{target}'" for target in targets)
            calls.append(f"curl -gs -Z --parallel-max 100 {asked}")
        client = here.cost(("sh", "-c", "; ".join(calls)))
        return Cost(client.seconds, client.cpu + used() - before, peak())

    return measure


def rivals(here: Network, stages: Stages) -> Iterator[Rival]:
    """Who is there."""
    yield Rival("arcprobe check", lambda: here.cost(here.check()))
    yield Rival("curl -Z, two stages", lambda: curl(here, stages))
    yield Rival("bare Python, same connections", lambda: floor(here, stages))
    if shutil.which(_EXPORTER):
        probed = exporter(here)
        yield Rival("blackbox_exporter, warm", lambda: probed(stages))
    if shutil.which(os.environ.get("ARCPROBE_SSLYZE", "sslyze")):
        yield Rival("sslyze --certinfo", lambda: sslyze(here, stages), is_slow=True)


# -------------------------------------------------------------------------------- what is told


def side_by_side(here: Network, rounds: int) -> None:
    """The table of all who are there."""
    stages = stages_of(here)
    here.slow_down(ONE_WAY)
    all_rivals = tuple(rivals(here, stages))
    costs: dict[str, list[Cost]] = {rival.name: [] for rival in all_rivals}
    for number in range(rounds + 1):
        for rival in all_rivals:
            if not rival.is_slow or number <= _SLOW_ROUNDS:
                costs[rival.name].append(rival.measure())
    medians = {name: median_cost(seen[1:]) for name, seen in costs.items()}
    critical = 2 * ONE_WAY * ROUND_TRIPS
    least = medians["bare Python, same connections"].cpu
    count = sum(map(len, stages))
    click.echo(
        f"{count} endpoints through Squid, {2000 * ONE_WAY:.0f} ms round trip, {rounds} rounds"
    )
    click.echo(f"| | s | ÷ critical path ({critical:.2f} s) | CPU s | ÷ bare Python | MiB |")
    click.echo("| --- | ---: | ---: | ---: | ---: | ---: |")
    for name, cost in medians.items():
        click.echo(
            f"| {name} | {cost.seconds:.2f} | {cost.seconds / critical:.2f} | {cost.cpu:.3f} "
            f"| {cost.cpu / least:.1f} | {cost.memory:.0f} |"
        )


def many(here: Network, rounds: int) -> None:
    """What long lists cost."""
    costs = {}
    for count in (100, 500, 1000):
        words = here.check_many(count, "answers")
        costs[count] = median_cost([here.cost(words) for _ in range(min(rounds, 3))])
        click.echo(
            f"{count} endpoints: {costs[count].cpu:.2f} s CPU, {costs[count].seconds:.2f} s, "
            f"{costs[count].memory:.0f} MiB"
        )
    click.echo(f"1000 ÷ 500 endpoints in CPU: {costs[1000].cpu / costs[500].cpu:.2f}")


def silence(here: Network) -> None:
    """How long it takes to tell a silence, for one endpoint and for a thousand."""
    name = PROXY.partition(":")[0]
    here.silence("proxy", "tcp dport 4004")
    _told(here, "no answer to SYN", lambda count: here.check_many(count, "drops"))
    _told(here, "no answer to CONNECT", lambda count: here.check_many(count, "takes"))
    _told(here, "no answer to TLS", lambda count: here.check_many(count, "tunnels"))
    here.silence(NAME_SERVER, "udp dport 53", "tcp dport 53")
    _told(here, "no answer to DNS", lambda count: here.check_many(count, "answers", name))


def _told(here: Network, story: str, words: Callable[[int], list[str]]) -> None:
    for count in (1, 14, 100, 1000):
        report = here.report(words(count))
        seconds = report["run"]["seconds"]
        causes = ", ".join(cause["code"] for cause in report["causes"])
        memory = here.cost(words(count)).memory if count > 100 else 0
        click.echo(
            f"{story}, {count} endpoints: {seconds:.1f} s, {causes}"
            + (f", {memory:.0f} MiB" if memory else "")
        )


def main() -> None:
    """Measures, and prints."""
    words = sys.argv[1:]
    rounds = int(words[0]) if words else _ROUNDS
    with network() as here:
        many(here, rounds)
        side_by_side(here, rounds)
    with network() as here:
        silence(here)


if __name__ == "__main__":
    main()
