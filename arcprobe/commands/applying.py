"""The objects of ``arcprobe run``: made on entry, deleted on exit, nothing else touched."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterator

import msgspec

from arcprobe.commands.manifest_options import Request
from arcprobe.commands.watch import Interrupted, tell
from arcprobe.fleet import manifest
from arcprobe.fleet.as_yaml import to_yaml
from arcprobe.model import FailureKind
from arcprobe.probes.cluster.kubectl import Kubectl, KubectlError

MADE_BY = {"app.kubernetes.io/managed-by": "arcprobe-run"}
"""Tells the objects of ``run``, which must be gone when it has ended, from those of ``job``."""

_SECONDS_TO_APPLY = 300.0  # for all objects: an API server may take 20 seconds for each
_RIGHTS = frozenset({"clusterrole", "clusterrolebinding"})
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextlib.contextmanager
def signals(handler: Callable[..., None] | signal.Handlers) -> Iterator[None]:
    """SIGTERM and Ctrl-C go to ``handler`` meanwhile."""
    before = {number: signal.signal(number, handler) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)


def interrupt(*_: object) -> None:
    """SIGTERM and Ctrl-C become ``Interrupted``, so that what was made is always taken away."""
    raise Interrupted


@contextlib.contextmanager
def applied(
    kubectl: Kubectl, request: Request, *, has_secret: bool, lifetime: float
) -> Iterator[None]:
    """The objects, made on entry and deleted on exit whatever happens. ``has_secret``: the cluster
    has the proxy's Secret already. ``lifetime``: seconds after which they end without this
    process."""
    objects = manifest.build(request)
    if request.credentials and not has_secret:
        # before the workloads, so that no pod waits for it; it goes through stdin, never a command
        # line
        secret = manifest.secret(request, request.credentials)
        objects.insert(int(request.create_namespace), secret)
    made = objects
    try:
        made = _create(kubectl, objects)
        _bind(kubectl, request, made, lifetime)
        tell("applied", name=request.name, namespace=request.namespace)
        yield
    except _NotMade as error:
        made = error.made
        raise KubectlError(str(error)) from None
    finally:
        with signals(signal.SIG_IGN):  # a second Ctrl-C must not leave objects behind
            _delete(kubectl, made, request)


class _NotMade(Exception):
    """Something that the run needs could not be made; what was made."""

    def __init__(self, words: str, made: list[manifest.Object]) -> None:
        super().__init__(words)
        self.made = made


def _create(kubectl: Kubectl, objects: list[manifest.Object]) -> list[manifest.Object]:
    """Makes the objects; those that were made. ``create`` and not ``apply``: that would write the
    Secret once more, in clear text, into its own annotation."""
    command = ("create", "--validate=false", "-o", "name", "-f", "-")
    try:
        kubectl(*command, stdin=_stdin(objects), timeout=_SECONDS_TO_APPLY)
    except KubectlError as error:
        if error.kind is not FailureKind.OTHER:
            raise  # nobody knows what was made
        made = _named_in(error.printed, objects)
        missing = {_kind(lacking) for lacking in objects if lacking not in made}
        if not missing <= _RIGHTS:
            raise _NotMade(str(error), made) from None
        tell("no-rights", reason=str(error))
        return made
    return objects


def _bind(kubectl: Kubectl, request: Request, made: list[manifest.Object], lifetime: float) -> None:
    """Gives DaemonSets, which never end, an owner that does. It goes with them; a cluster that
    refuses it still gets the run."""
    sets = [known for known in made if _kind(known) == "daemonset"]
    if not sets:
        return
    guard = manifest.guard(request, lifetime)
    made.append(guard)
    creating = ("create", "--validate=false", "-o", "jsonpath={.metadata.uid}", "-f", "-")
    names = [f"daemonset/{known['metadata']['name']}" for known in sets]
    try:
        uid = kubectl(*creating, stdin=_stdin([guard])).decode().strip()
        patch = msgspec.json.encode({"metadata": {"ownerReferences": [manifest.owned(guard, uid)]}})
        kubectl("-n", request.namespace, "patch", *names, "-p", patch.decode())
    except KubectlError as error:
        tell("no-guard", reason=str(error))


def _kind(made: manifest.Object) -> str:
    return str(made["kind"]).lower()


def _named_in(printed: bytes, objects: list[manifest.Object]) -> list[manifest.Object]:
    """The objects that kubectl named (``job.batch/arcprobe-pod``)."""
    names = set()
    for word in printed.decode("utf-8", "replace").split():
        resource, _, name = word.partition("/")
        names.add((resource.partition(".")[0], name))
    return [known for known in objects if (_kind(known), known["metadata"]["name"]) in names]


def _delete(kubectl: Kubectl, made: list[manifest.Object], request: Request) -> None:
    if not made:
        return
    deleting = ("delete", "--ignore-not-found", "--wait=false", "-f", "-")
    try:
        kubectl(*deleting, stdin=_stdin(made[::-1]), timeout=_SECONDS_TO_APPLY)
    except KubectlError as error:
        tell("not-cleaned", reason=str(error))
        tell("clean-by-hand", command=clean_up(request.name, request.namespace, _kinds(made)))


def _kinds(made: list[manifest.Object]) -> list[str]:
    return list(dict.fromkeys(map(_kind, made)))


def clean_up(name: str, namespace: str, kinds: list[str]) -> str:
    """The command that takes a run's objects away, by a label that nothing else carries."""
    label = f"-l app.kubernetes.io/instance={name}"
    wide = [kind for kind in ("namespace", "clusterrole", "clusterrolebinding") if kind in kinds]
    commands = [f"kubectl delete {','.join(wide)} {label}"] if wide else []
    if "namespace" not in kinds:  # else they go with it
        own = ",".join(kind for kind in kinds if kind not in wide)
        commands.insert(0, f"kubectl -n {namespace} delete {own} {label}")
    return "; ".join(commands)


def _stdin(objects: list[manifest.Object]) -> bytes:
    return to_yaml(objects).encode()


# -------------------------------------------------------------------------- left by an earlier run


class _Metadata(msgspec.Struct, rename="camel"):
    name: str = ""
    namespace: str = ""
    labels: dict[str, str] = {}
    deletion_timestamp: str = ""


class _Object(msgspec.Struct):
    kind: str = ""
    metadata: _Metadata = msgspec.field(default_factory=_Metadata)


class _List(msgspec.Struct):
    items: list[_Object] = []


_LOOKED_FOR = "namespaces,daemonsets,jobs,clusterrolebindings"
_IN_NAMESPACE = ["daemonset", "job", "configmap", "serviceaccount", "secret"]
_CLUSTER_WIDE = ["clusterrole", "clusterrolebinding"]


def tell_leftovers(kubectl: Kubectl) -> None:
    """Says what an earlier run left that was killed, and how to remove it; what is being deleted is
    not left. Who may not look is not told."""
    label = ",".join(f"{key}={value}" for key, value in MADE_BY.items())
    try:
        printed = kubectl("get", _LOOKED_FOR, "-A", "-l", label, "-o", "json")
        found = msgspec.json.decode(printed, type=_List).items
    except (KubectlError, msgspec.DecodeError):
        return
    runs: dict[str, list[_Object]] = {}
    for left in found:
        if left.metadata.deletion_timestamp:
            continue
        runs.setdefault(left.metadata.labels.get("app.kubernetes.io/instance", ""), []).append(left)
    for name, objects in runs.items():
        tell("left", name=name)
        tell("clean-by-hand", command=_removal(name, objects))


def _removal(name: str, objects: list[_Object]) -> str:
    if any(left.kind == "Namespace" for left in objects):
        return clean_up(name, "", ["namespace", *_CLUSTER_WIDE])
    spaces = [left.metadata.namespace for left in objects if left.metadata.namespace]
    if not spaces:
        return f"kubectl delete {','.join(_CLUSTER_WIDE)} -l app.kubernetes.io/instance={name}"
    return clean_up(name, spaces[0], [*_IN_NAMESPACE, *_CLUSTER_WIDE])
