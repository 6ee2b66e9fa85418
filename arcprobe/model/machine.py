"""The machine that connects the cluster: what az, helm and kubectl find on it."""

from __future__ import annotations

from arcprobe.model.noun import Noun
from arcprobe.model.wire import Step


class Tool(Noun, frozen=True, kw_only=True):
    """A program, or an extension of az."""

    name: str  #: az, connectedk8s, arcgateway, helm or kubectl
    version: str = ""  #: as it names it; empty: it is not installed, or did not say
    problem: str = ""  #: why it did not say


class TrustFile(Noun, frozen=True, kw_only=True):
    """A file of certificates that a variable names."""

    variable: str  #: the variable
    path: str  #: what it names
    subjects: tuple[str, ...] = ()  #: names of the certificates in it, RFC 4514
    problem: str = ""  #: why it cannot be read


class Machine(Step, frozen=True, kw_only=True, tag="machine"):
    """What was found. Values of proxies are without user and password."""

    tools: tuple[Tool, ...] = ()  #: the programs
    #: variables that say where connections go: name, value
    environment: tuple[tuple[str, str], ...] = ()
    trust: tuple[TrustFile, ...] = ()  #: what stands in the place of the usual trust
    api_server: str = ""  #: host:port of the current context of kubectl; empty: unknown
    has_own_proxy: bool = False  #: whether that context names a proxy of its own
    api_problem: str = ""  #: why the API server is unknown

    def value(self, *names: str) -> tuple[str, str]:
        """The first of these variables that is set, and its value; empty where none is."""
        known = dict(self.environment)
        return next(((name, known[name]) for name in names if known.get(name)), ("", ""))
