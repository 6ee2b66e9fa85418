"""Pod security of the cluster of the tests, as administrators had it before 1.25: everybody may use
the privileged policy, until a test takes that binding away; the restricted one stays."""

from __future__ import annotations

from typing import Any

PLUGIN = "PodSecurityPolicy"
_RBAC = "rbac.authorization.k8s.io"
_ANY = {"rule": "RunAsAny"}
_HOST = dict.fromkeys(("hostNetwork", "hostPID", "hostIPC", "privileged"), True)
_SECCOMP = {"seccomp.security.alpha.kubernetes.io/allowedProfileNames": "*"}
_SPECS: dict[str, dict[str, Any]] = {
    "restricted": {
        "allowPrivilegeEscalation": False,
        "requiredDropCapabilities": ["ALL"],
        "readOnlyRootFilesystem": True,
        "runAsUser": {"rule": "MustRunAsNonRoot"},
        "seLinux": _ANY,
        "supplementalGroups": _ANY,
        "fsGroup": _ANY,
        "volumes": ["configMap", "secret", "projected", "emptyDir", "downwardAPI"],
    },
    "privileged": {
        **_HOST,
        "allowedCapabilities": ["*"],
        "runAsUser": _ANY,
        "seLinux": _ANY,
        "supplementalGroups": _ANY,
        "fsGroup": _ANY,
        "volumes": ["*"],
        "hostPorts": [{"min": 0, "max": 65535}],
    },
}


def objects() -> list[dict[str, Any]]:
    """Policies, roles and bindings."""
    made: list[dict[str, Any]] = []
    for name, spec in _SPECS.items():
        about = {"name": f"policy-{name}"}
        made.append(
            {
                "apiVersion": "policy/v1beta1",
                "kind": "PodSecurityPolicy",
                "metadata": {"name": name, "annotations": _SECCOMP},
                "spec": spec,
            }
        )
        rule: dict[str, Any] = {
            "apiGroups": ["policy"],
            "resources": ["podsecuritypolicies"],
            "resourceNames": [name],
            "verbs": ["use"],
        }
        role = {"apiVersion": f"{_RBAC}/v1", "kind": "ClusterRole"}
        made.append({**role, "metadata": about, "rules": [rule]})
        made.append(binding(name))
    return made


def binding(name: str) -> dict[str, Any]:
    """Lets everybody use a policy."""
    reference = {"apiGroup": _RBAC, "kind": "ClusterRole", "name": f"policy-{name}"}
    everybody = {"apiGroup": _RBAC, "kind": "Group", "name": "system:authenticated"}
    return {
        "apiVersion": f"{_RBAC}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": f"policy-{name}"},
        "roleRef": reference,
        "subjects": [everybody],
    }
