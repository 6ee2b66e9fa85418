"""What is to run in the cluster in, Kubernetes objects out, as data and as YAML. Pure.

``one`` node and ``N`` nodes are a Job. All nodes, or those of a selector, are a DaemonSet: it alone
puts exactly one pod on each node without knowing their number. The scheduler forgets a finished
pod, so the pods of an Indexed Job with anti-affinity can meet on one node and miss another; and
before Kubernetes 1.29 one failed index ends the others (no ``backoffLimitPerIndex``). The
containers of a DaemonSet are always started again, so they stay after their report
(``ARCPROBE_HOLD``), and are Ready then.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import yaml

POD, NODE = "pod", "node"
FOLDER = "/etc/arcprobe"
HOLD_ALWAYS = "always"

# What one ConfigMap may hold is 1 MiB in all (Kubernetes documentation, "ConfigMaps"), names and
# base64 of the server included.
FILES_LIMIT = 900_000

# Job's activeDeadlineSeconds counts from its creation: scheduling and pulling the image are in it.
_PULL_ALLOWANCE = 600

_DEFAULT_RESOURCES = {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}}

Object = dict[str, Any]


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What the manifest is made of.

    ``config``: settings of ``check``, names without dashes, files already renamed to what they are
    called in ``files``. ``nodes``: ``one``, ``all``, a number, or a label selector. ``deadline`` in
    seconds is the run's own.
    """

    image: str
    config: dict[str, Any]
    files: dict[str, str] = {}
    name: str = "arcprobe"
    namespace: str = "arcprobe"
    create_namespace: bool = True
    vantages: tuple[str, ...] = (POD,)
    nodes: str = "one"
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
    file = "--from-file=proxy-auth=FILE"
    return f"kubectl -n {options.namespace} create secret generic {options.proxy_secret} {file}"


def secret(options: Options, user_and_password: str) -> Object:
    """The Secret itself, for ``arcprobe run`` alone: it goes to the API server and is never
    printed."""
    return _object(
        "v1",
        "Secret",
        options,
        options.proxy_secret,
        stringData={"proxy-auth": user_and_password},
        type="Opaque",
    )


def _labels(options: Options) -> dict[str, str]:
    own = {"app.kubernetes.io/name": "arcprobe", "app.kubernetes.io/instance": options.name}
    return {**options.labels, **own}


def _object(version: str, kind: str, options: Options, name: str, **content: Any) -> Object:
    metadata: Object = {"name": name}
    if kind not in ("Namespace", "ClusterRole", "ClusterRoleBinding"):
        metadata["namespace"] = options.namespace
    return {
        "apiVersion": version,
        "kind": kind,
        "metadata": {**metadata, "labels": _labels(options)},
        **content,
    }


def _namespace(options: Options) -> Object:
    # hostNetwork is outside of "restricted" and of "baseline" (Pod Security Standards), so a
    # namespace with the node vantage cannot enforce either; the pod vantage alone is
    # restricted.
    level = "privileged" if NODE in options.vantages else "restricted"
    made = _object("v1", "Namespace", options, options.namespace)
    made["metadata"]["labels"] |= {
        f"pod-security.kubernetes.io/{mode}": level for mode in ("enforce", "warn", "audit")
    }
    return made


def _rights(options: Options) -> list[Object]:
    rules = [
        {"apiGroups": [""], "resources": ["services", "nodes"], "verbs": ["list"]},
        {"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": ["list"]},
        {"apiGroups": ["networking.k8s.io"], "resources": ["servicecidrs"], "verbs": ["list"]},
        {
            "apiGroups": [""],
            "resources": ["configmaps"],
            "resourceNames": ["kubeadm-config"],
            "verbs": ["get"],
        },
    ]
    group = "rbac.authorization.k8s.io"
    # Cluster-wide names carry the namespace, so that two installations do not take each
    # other's rights away.
    name = (
        f"{options.name}-{options.namespace}" if options.name != options.namespace else options.name
    )
    return [
        _object("v1", "ServiceAccount", options, options.name, automountServiceAccountToken=False),
        _object(f"{group}/v1", "ClusterRole", options, name, rules=rules),
        _object(
            f"{group}/v1",
            "ClusterRoleBinding",
            options,
            name,
            roleRef={"apiGroup": group, "kind": "ClusterRole", "name": name},
            subjects=[
                {"kind": "ServiceAccount", "name": options.name, "namespace": options.namespace}
            ],
        ),
    ]


def _config_map(options: Options) -> Object:
    size = sum(len(text.encode()) for text in options.files.values())
    if size > FILES_LIMIT:
        raise ValueError(
            f"the files of the settings are {size} bytes, and a ConfigMap takes {FILES_LIMIT}"
        )
    data = {"config.yaml": to_yaml([options.config]).removeprefix("---\n"), **options.files}
    return _object("v1", "ConfigMap", options, f"{options.name}-config", data=data)


def _workload(options: Options, vantage: str) -> Object:
    name = f"{options.name}-{vantage}"
    every = options.nodes not in ("one", "1") and not options.nodes.isdigit()
    count = 1 if every or options.nodes == "one" else int(options.nodes)
    # Long enough that the pods of one Job overlap: the scheduler keeps only running pods apart.
    hold = HOLD_ALWAYS if every else str(20 + count // 20) if count > 1 else ""
    template = {
        "metadata": {
            "labels": {
                **_labels(options),
                "app.kubernetes.io/component": vantage,
                "sidecar.istio.io/inject": "false",
            },
            # a mesh's sidecar would stand in the way that is to be measured, and
            # would keep a Job from ending
            "annotations": {"linkerd.io/inject": "disabled"},
        },
        "spec": _pod(
            options, vantage, hold, ready=every, apart=count > 1, everywhere=every or count > 1
        ),
    }
    if every:
        selector = {
            "matchLabels": {
                "app.kubernetes.io/instance": options.name,
                "app.kubernetes.io/component": vantage,
            }
        }
        strategy = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "100%"}}
        spec: Object = {"selector": selector, "updateStrategy": strategy, "template": template}
        return _object("apps/v1", "DaemonSet", options, name, spec=spec)
    job: Object = {
        "backoffLimit": 0,
        "activeDeadlineSeconds": int(options.deadline) + _PULL_ALLOWANCE,
        "ttlSecondsAfterFinished": options.keep,
        "template": template,
    }
    if count > 1:
        # One node's failure must not end the others: each index has its own limit (1.29),
        # and the Job's lets all fail.
        job |= {"completionMode": "Indexed", "completions": count, "parallelism": count}
        job |= {"backoffLimitPerIndex": 0, "backoffLimit": count}
    template["spec"]["restartPolicy"] = "Never"
    return _object("batch/v1", "Job", options, name, spec=job)


def _pod(
    options: Options, vantage: str, hold: str, *, ready: bool, apart: bool, everywhere: bool
) -> Object:
    pod: Object = {
        "serviceAccountName": options.name,
        "automountServiceAccountToken": True,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": 30,
        # The image's own user (65532) is kept: OpenShift's restricted-v2 gives each
        # namespace user ids of its own.
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "nodeSelector": {**options.node_selector, "kubernetes.io/os": "linux"},
    }
    if vantage == NODE:
        pod |= {"hostNetwork": True, "dnsPolicy": "Default"}
    if options.pull_secrets:
        pod["imagePullSecrets"] = [{"name": name} for name in options.pull_secrets]
    tolerations = [*options.tolerations, *([{"operator": "Exists"}] if everywhere else [])]
    if tolerations:
        pod["tolerations"] = tolerations
    if options.priority_class:
        pod["priorityClassName"] = options.priority_class
    if affinity := _affinity(options, vantage, apart):
        pod["affinity"] = affinity
    container = _container(options, vantage, hold)
    if ready:
        # The termination message is written when the report is out, so Ready says: this
        # node has reported. No shell is needed.
        seen = "import os; raise SystemExit(not os.path.getsize('/dev/termination-log'))"
        container["readinessProbe"] = {
            "exec": {"command": ["python3", "-c", seen]},
            "periodSeconds": 5,
            "timeoutSeconds": 5,
        }
    return {
        **pod,
        "containers": [container],
        "volumes": [{"name": "settings", "projected": _projected(options)}],
    }


def _container(options: Options, vantage: str, hold: str) -> Object:
    arguments = ["check", "--config", f"{FOLDER}/config.yaml"]
    if options.proxy_secret:
        arguments += ["--proxy-auth-file", f"{FOLDER}/proxy-auth"]
    if options.ca_config_map:
        arguments += ["--proxy-cert", f"{FOLDER}/proxy-cert.pem"]
    environment: list[Object] = [
        {"name": "ARCPROBE_JOB", "value": "1"},
        {"name": "ARCPROBE_VANTAGE", "value": vantage},
        {"name": "ARCPROBE_NODE_NAME", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}},
        {"name": "ARCPROBE_POD_NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
    ]
    if hold:
        environment.append({"name": "ARCPROBE_HOLD", "value": hold})
    return {
        "name": "arcprobe",
        "image": options.image,
        "imagePullPolicy": options.pull_policy,
        "args": arguments,
        "env": environment,
        "resources": {
            "requests": {**_DEFAULT_RESOURCES["requests"], **options.requests},
            "limits": {**_DEFAULT_RESOURCES["limits"], **options.limits},
        },
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "runAsNonRoot": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "volumeMounts": [{"name": "settings", "mountPath": FOLDER, "readOnly": True}],
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


def _affinity(options: Options, vantage: str, apart: bool) -> Object:
    affinity: Object = {}
    if options.nodes not in ("one", "all") and not options.nodes.isdigit():
        terms = [{"matchExpressions": selector_terms(options.nodes)}]
        affinity["nodeAffinity"] = {
            "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}
        }
    if apart:
        matching = {
            "app.kubernetes.io/instance": options.name,
            "app.kubernetes.io/component": vantage,
        }
        term = {"labelSelector": {"matchLabels": matching}, "topologyKey": "kubernetes.io/hostname"}
        affinity["podAntiAffinity"] = {"requiredDuringSchedulingIgnoredDuringExecution": [term]}
    return affinity


_KEY = r"[A-Za-z0-9]([A-Za-z0-9._/-]*[A-Za-z0-9])?"
_VALUE = r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?"


def selector_terms(text: str) -> list[Object]:
    """Expressions of a label selector as kubectl takes it: ``a=b,c!=d,e in (f,g),h notin
    (i),j,!k``. ``ValueError`` else."""
    terms: list[Object] = []
    for part in re.findall(r"(?:[^,(]|\([^)]*\))+", text):
        requirement = part.strip()
        if match := re.fullmatch(
            rf"(?P<key>{_KEY})\s+(?P<how>in|notin)\s*\((?P<values>[^()]+)\)", requirement
        ):
            values = [value.strip() for value in match["values"].split(",")]
            how = "In" if match["how"] == "in" else "NotIn"
        elif match := re.fullmatch(
            rf"(?P<key>{_KEY})\s*(?P<how>==|=|!=)\s*(?P<values>({_VALUE})?)", requirement
        ):
            values = [match["values"]]
            how = "NotIn" if match["how"] == "!=" else "In"
        elif match := re.fullmatch(rf"(?P<absent>!?)(?P<key>{_KEY})", requirement):
            terms.append(
                {"key": match["key"], "operator": "DoesNotExist" if match["absent"] else "Exists"}
            )
            continue
        else:
            raise ValueError(f"{requirement[:60]!a} is no label selector")
        terms.append({"key": match["key"], "operator": how, "values": values})
    if not terms:
        raise ValueError("the selector is empty")
    return terms


# --------------------------------------------------------------------------------------------------


class _Dumper(yaml.SafeDumper):
    """Quotes every text that some YAML reader could take for something else (``1e3``, ``no``,
    ``0x1f``, ``1_0``)."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9_./-]*")
_RESERVED = re.compile(r"y|yes|n|no|true|false|on|off|null|nan|inf", re.IGNORECASE)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    if (
        "\n" in text
        and " \n" not in text
        and text.replace("\n", "").isprintable()
        and text.isascii()
    ):
        style: str | None = "|"
    else:
        style = None if _PLAIN.fullmatch(text) and not _RESERVED.fullmatch(text) else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def to_yaml(objects: Iterable[Mapping[str, Any]]) -> str:
    """One document for each object, in order."""
    return yaml.dump_all(
        list(objects),
        Dumper=_Dumper,
        sort_keys=False,
        default_flow_style=False,
        allow_unicode=False,
        explicit_start=True,
        width=4096,
    )
