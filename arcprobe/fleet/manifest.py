"""What is to run in the cluster in, Kubernetes objects out, as data and as YAML. Pure but for the
package's own ``manifest.yaml``.

``one`` node and ``N`` nodes are a Job. All nodes, or those of a selector, are a DaemonSet: it alone
puts exactly one pod on each node without knowing their number. The scheduler forgets a finished
pod, so the pods of an Indexed Job with anti-affinity can meet on one node and miss another; and
before Kubernetes 1.29 one failed index ends the others (no ``backoffLimitPerIndex``). The
containers of a DaemonSet are always started again, so they stay after their report
(``ARCPROBE_HOLD``), and are Ready then.
"""

from __future__ import annotations

import copy
import functools
import hashlib
from importlib import resources
from typing import Any

import msgspec
import yaml

from arcprobe.fleet.as_yaml import to_yaml
from arcprobe.fleet.selectors import selector_terms

POD, NODE = "pod", "node"
OWN_NAMESPACE = "arcprobe"
# The server refuses to change an object whose uid is another one, and quotes both; a new object
# gets a uid of its own (Kubernetes API conventions, "Metadata"): so a Namespace is made, and one
# that exists is never taken over.
_MADE_ONCE = "it-exists-already--arcprobe-job---no-namespace-leaves-it-out"
FOLDER = "/etc/arcprobe"
HOLD_ALWAYS = "always"

# What one ConfigMap may hold is 1 MiB in all (Kubernetes documentation, "ConfigMaps"), names and
# base64 of the server included.
FILES_LIMIT = 900_000

# Seconds. activeDeadlineSeconds of a Job counts from its creation: scheduling and pulling the image
# are in it.
_PULL_ALLOWANCE = 600

# Seconds that the pods of one Job stay, and for how many pods one second more, so that all of them
# overlap: the scheduler keeps only running pods apart.
_LEAST_HOLD, _PODS_A_SECOND = 20, 20

# Versions of Kubernetes that know the fields without a feature gate (API reference, "Job v1").
_INDEXED_SINCE, _LIMIT_PER_INDEX_SINCE, _NEWEST = (1, 22), (1, 29), (1, 99)
_CRON_JOB_SINCE = (1, 21)  # as batch/v1

_CLUSTER_WIDE = ("Namespace", "ClusterRole", "ClusterRoleBinding")
_RBAC = "rbac.authorization.k8s.io"
_SETTINGS = "settings"  # name of the volume

Object = dict[str, Any]


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What the manifest is made of.

    ``config``: settings of ``check``, names without dashes, files already renamed to what they are
    called in ``files``. ``nodes``: ``one``, ``all``, a number, or a label selector. ``deadline`` in
    seconds is the run's own. ``rights``: the ClusterRole to read Services is made. ``server``:
    version of the API server, where it is known; the newest is meant else. ``schedule``: when a Job
    is made again and again, as cron has it.
    """

    image: str
    config: dict[str, Any]
    files: dict[str, str] = {}
    name: str = "arcprobe"
    namespace: str = OWN_NAMESPACE
    create_namespace: bool = True
    rights: bool = True
    server: tuple[int, int] | None = None
    vantages: tuple[str, ...] = (POD,)
    nodes: str = "one"
    schedule: str = ""
    deadline: float = 60.0
    keep: int = 3600
    pull_secrets: tuple[str, ...] = ()
    pull_policy: str = "IfNotPresent"
    node_selector: dict[str, str] = {}
    tolerations: tuple[dict[str, Any], ...] = ()
    priority_class: str = ""
    requests: dict[str, str] = {}
    limits: dict[str, str] = {}
    labels: dict[str, str] = {}
    proxy_secret: str = ""
    ca_config_map: str = ""
    ca_key: str = "ca.crt"


def build(options: Options) -> list[Object]:
    """All objects, in the order in which they must be applied. ``ValueError`` where the options
    cannot be met."""
    objects = [_namespace(options)] if options.create_namespace else []
    objects += [*_rights(options), _config_map(options)]
    objects += [_workload(options, vantage) for vantage in options.vantages]
    return objects


def secret_command(options: Options) -> str:
    """The line that makes the Secret which the manifest refers to. The password is in the file
    alone, never on the line."""
    secret = f"generic {options.proxy_secret} --from-file=proxy-auth=FILE"
    return f"kubectl -n {options.namespace} create secret {secret}"


def secret(options: Options, user_and_password: str) -> Object:
    """The Secret itself, for ``arcprobe run`` alone: it goes to the API server and is never
    printed."""
    data = {"proxy-auth": user_and_password}
    name = options.proxy_secret
    return _object("v1", "Secret", options, name, stringData=data, type="Opaque")


@functools.cache
def _file() -> Object:
    text = resources.files("arcprobe.fleet").joinpath("manifest.yaml").read_text("utf-8")
    parts: Object = yaml.safe_load(text)
    return parts


def _parts() -> Object:
    """What no option changes, fresh to be filled."""
    return copy.deepcopy(_file())


def _labels(options: Options) -> dict[str, str]:
    own = {"app.kubernetes.io/name": "arcprobe", "app.kubernetes.io/instance": options.name}
    return {**options.labels, **own}


def _pod_labels(options: Options, vantage: str) -> dict[str, str]:
    """By which the pods of one workload are found."""
    return {"app.kubernetes.io/instance": options.name, "app.kubernetes.io/component": vantage}


def _object(version: str, kind: str, options: Options, name: str, **content: Any) -> Object:
    metadata: Object = {"name": name, "namespace": options.namespace, "labels": _labels(options)}
    if kind in _CLUSTER_WIDE:
        del metadata["namespace"]
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **content}


def _namespace(options: Options) -> Object:
    # hostNetwork is outside of "restricted" and of "baseline" (Pod Security Standards), so a
    # namespace with the node vantage cannot enforce either; the pod vantage alone is
    # restricted.
    level = "privileged" if NODE in options.vantages else "restricted"
    made = _object("v1", "Namespace", options, options.namespace)
    made["metadata"]["uid"] = _MADE_ONCE
    for mode in ("enforce", "warn", "audit"):
        made["metadata"]["labels"][f"pod-security.kubernetes.io/{mode}"] = level
    return made


def _rights(options: Options) -> list[Object]:
    # Cluster-wide names carry the namespace, so that two installations do not take each
    # other's rights away.
    name = "-".join(dict.fromkeys((options.name, options.namespace)))
    role = {"apiGroup": _RBAC, "kind": "ClusterRole", "name": name}
    account = {"kind": "ServiceAccount", "name": options.name, "namespace": options.namespace}
    bound = {"roleRef": role, "subjects": [account]}
    account_made = _object(
        "v1", "ServiceAccount", options, options.name, automountServiceAccountToken=False
    )
    if not options.rights:
        return [account_made]
    return [
        account_made,
        _object(f"{_RBAC}/v1", "ClusterRole", options, name, rules=_parts()["rules"]),
        _object(f"{_RBAC}/v1", "ClusterRoleBinding", options, name, **bound),
    ]


def _config_map(options: Options) -> Object:
    size = sum(len(text.encode()) for text in options.files.values())
    if size > FILES_LIMIT:
        raise ValueError(
            f"the files of the settings are {size} bytes, and a ConfigMap takes {FILES_LIMIT}"
        )
    data = {"config.yaml": to_yaml([options.config]).removeprefix("---\n"), **options.files}
    return _object("v1", "ConfigMap", options, f"{options.name}-config", data=data)


# ------------------------------------------------------------------------------------- workloads


def _workload(options: Options, vantage: str) -> Object:
    count = "1" if options.nodes == "one" else options.nodes
    if not count.isdigit():
        return _daemon_set(options, vantage)
    job = _job(options, vantage, int(count))
    return _scheduled(options, job) if options.schedule else job


def _scheduled(options: Options, job: Object) -> Object:
    """A CronJob of such Jobs. Their number in the history says how long they stay, not a time."""
    del job["spec"]["ttlSecondsAfterFinished"]
    template = {"metadata": {"labels": job["metadata"]["labels"]}, "spec": job["spec"]}
    spec = {"schedule": options.schedule, **_parts()["schedule"], "jobTemplate": template}
    is_old = (options.server or _NEWEST) < _CRON_JOB_SINCE
    version = "batch/v1beta1" if is_old else "batch/v1"
    return _object(version, "CronJob", options, job["metadata"]["name"], spec=spec)


def _daemon_set(options: Options, vantage: str) -> Object:
    affinity = {} if options.nodes == "all" else _on_nodes(options.nodes)
    template = _template(options, vantage, HOLD_ALWAYS, affinity)
    selector = {"matchLabels": _pod_labels(options, vantage)}
    spec = {"selector": selector, "updateStrategy": _parts()["update"], "template": template}
    return _object("apps/v1", "DaemonSet", options, f"{options.name}-{vantage}", spec=spec)


def _job(options: Options, vantage: str, count: int) -> Object:
    job: Object = {
        "backoffLimit": 0,
        "activeDeadlineSeconds": int(options.deadline) + _PULL_ALLOWANCE,
        "ttlSecondsAfterFinished": options.keep,
    }
    if count == 1:
        job["template"] = _template(options, vantage, affinity=_together(options))
    else:
        hold = str(_LEAST_HOLD + count // _PODS_A_SECOND)
        job["template"] = _template(options, vantage, hold, _apart(options, vantage))
        job |= _several(options, count)
    job["template"]["spec"]["restartPolicy"] = "Never"
    return _object("batch/v1", "Job", options, f"{options.name}-{vantage}", spec=job)


def guard(options: Options, lifetime: float) -> Object:
    """A Job without pods that fails after so many seconds and then is deleted, and with it what it
    owns (ttlSecondsAfterFinished: since Kubernetes 1.21)."""
    made = _job(options, options.vantages[0], 1)
    made["metadata"]["name"] = f"{options.name}-guard"
    made["spec"] |= {
        "parallelism": 0,
        "activeDeadlineSeconds": int(lifetime),
        "ttlSecondsAfterFinished": 0,
    }
    return made


def owned(owner: Object, uid: str) -> Object:
    """The reference of what goes when ``owner`` goes."""
    name, version = owner["metadata"]["name"], owner["apiVersion"]
    return {"apiVersion": version, "kind": owner["kind"], "name": name, "uid": uid}


def _several(options: Options, count: int) -> Object:
    """How one Job has several pods. One node's failure must not end the others: each index has its
    own limit (1.29), and the Job's lets all fail. An older server, which would refuse these fields,
    makes another pod for one that failed: there a pod whose report is out does not fail."""
    server = options.server or _NEWEST
    many: Object = {"completions": count, "parallelism": count, "backoffLimit": count}
    if server >= _INDEXED_SINCE:
        many["completionMode"] = "Indexed"
    if server >= _LIMIT_PER_INDEX_SINCE:
        many["backoffLimitPerIndex"] = 0
    return many


def _on_nodes(selector: str) -> Object:
    terms = {"nodeSelectorTerms": [{"matchExpressions": selector_terms(selector)}]}
    return {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}}


_HOST = "kubernetes.io/hostname"


def _together(options: Options) -> Object:
    """Both networks of the same node. The pods choose each other, themselves among them: the first
    one is free to go anywhere (Kubernetes, interpodaffinity/filtering.go: a pod that matches its
    own term), and so is the second when the first has ended by then."""
    if len(options.vantages) == 1:
        return {}
    selector = {"matchLabels": {"app.kubernetes.io/instance": options.name}}
    term = {"labelSelector": selector, "topologyKey": _HOST}
    return {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}


def _apart(options: Options, vantage: str) -> Object:
    """One pod of a vantage on a node; both vantages on the same nodes as far as it can be had."""
    selector = {"matchLabels": _pod_labels(options, vantage)}
    term = {"labelSelector": selector, "topologyKey": _HOST}
    rule: Object = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}
    for other in options.vantages:
        if other != vantage:
            selector = {"matchLabels": _pod_labels(options, other)}
            near = {"labelSelector": selector, "topologyKey": _HOST}
            wish = {"weight": 100, "podAffinityTerm": near}
            rule["podAffinity"] = {"preferredDuringSchedulingIgnoredDuringExecution": [wish]}
    return rule


def _template(
    options: Options, vantage: str, hold: str = "", affinity: Object | None = None
) -> Object:
    """A pod. ``hold``: how long it stays after its report, where it is one of several."""
    parts = _parts()
    labels = _labels(options) | _pod_labels(options, vantage) | parts["pod-labels"]
    tolerations = list(options.tolerations)
    if hold:
        tolerations.append({"operator": "Exists"})  # several nodes: whatever their taints
    pod: Object = {
        "serviceAccountName": options.name,
        **parts["pod"],
        "nodeSelector": {**options.node_selector, "kubernetes.io/os": "linux"},
    }
    if vantage == NODE:
        pod |= parts["node-network"]
    wanted = {
        "imagePullSecrets": [{"name": name} for name in options.pull_secrets],
        "tolerations": tolerations,
        "priorityClassName": options.priority_class,
        "affinity": affinity,
    }
    pod |= {name: value for name, value in wanted.items() if value}
    pod["containers"] = [_container(options, vantage, hold)]
    if hold:
        pod["containers"][0]["readinessProbe"] = parts["readiness"]
    pod["volumes"] = [{"name": _SETTINGS, "projected": _projected(options)}]
    # changed settings are a changed pod: a DaemonSet makes new ones, a Job says that it cannot
    annotations = {**parts["pod-annotations"], "arcprobe/settings": _settings_digest(options)}
    return {"metadata": {"labels": labels, "annotations": annotations}, "spec": pod}


def _settings_digest(options: Options) -> str:
    settings = to_yaml([_config_map(options)["data"]])
    return hashlib.sha256(settings.encode()).hexdigest()[:16]


def _container(options: Options, vantage: str, hold: str) -> Object:
    parts = _parts()
    arguments = ["check", "--config", f"{FOLDER}/config.yaml"]
    if options.proxy_secret:
        arguments += ["--proxy-auth-file", f"{FOLDER}/proxy-auth"]
    if options.ca_config_map:
        arguments += ["--proxy-cert", f"{FOLDER}/proxy-cert.pem"]
    environment = [
        {"name": "ARCPROBE_JOB", "value": "1"},
        {"name": "ARCPROBE_VANTAGE", "value": vantage},
        *parts["environment"],
    ]
    if hold:
        environment.append({"name": "ARCPROBE_HOLD", "value": hold})
    if hold.isdigit() and (options.server or _NEWEST) < _LIMIT_PER_INDEX_SINCE:
        environment.append({"name": "ARCPROBE_EXIT", "value": "0"})
    return {
        "name": "arcprobe",
        "image": options.image,
        "imagePullPolicy": options.pull_policy,
        "args": arguments,
        "env": environment,
        "resources": {
            "requests": {**parts["requests"], **options.requests},
            "limits": {**parts["limits"], **options.limits},
        },
        **parts["container"],
        "volumeMounts": [{"name": _SETTINGS, "mountPath": FOLDER, "readOnly": True}],
    }


def _projected(options: Options) -> Object:
    sources: list[Object] = [{"configMap": {"name": f"{options.name}-config"}}]
    if options.proxy_secret:
        items = [{"key": "proxy-auth", "path": "proxy-auth"}]
        sources.append({"secret": {"name": options.proxy_secret, "items": items}})
    if options.ca_config_map:
        items = [{"key": options.ca_key, "path": "proxy-cert.pem"}]
        sources.append({"configMap": {"name": options.ca_config_map, "items": items}})
    # readable by any user id, which is not known beforehand
    return {"defaultMode": 0o444, "sources": sources}
