"""The commands of kubectl that texts give for looking by hand: each is run by ``test_printed``, or
why it is not stands here; ``tests/knowledge/test_printed_commands.py`` compares with the texts."""

LOOKS = {
    "kubectl get svc -A -o wide": "kube-dns",
    "kubectl get svc -A": "kube-dns",
    "kubectl get svc -A -o json > services.json": "",
    "kubectl get endpointslices -n default -l kubernetes.io/service-name=kubernetes": "kubernetes",
    "kubectl get nodes -o wide": "Ready",
    "kubectl get nodes": "Ready",
    "kubectl -n NAMESPACE get pods -o wide": "arcprobe-pod",
    "kubectl -n kube-system logs -l k8s-app=kube-dns": "",
    "kubectl -n kube-system get pods -l k8s-app=kube-dns": "",
    "kubectl -n kube-system get configmap kubeadm-config -o yaml": "serviceSubnet: 10.96.0.0/16",
    "kubectl get pods -n azure-arc": "",
}
"""What it must show of the tests' cluster. NAMESPACE is the one of the Job."""

ELSEWHERE = {
    "kubectl get svc -A -o json | arcprobe check … --services -": "test_services_are_handed_on",
    "kubectl get servicecidr": "ServiceCIDR objects came with 1.31",
    "kubectl auth can-i list services --all-namespaces --as=system:serviceaccount:NAMESPACE"
    ":arcprobe": "test_rights_are_shown",
    "kubectl auth can-i --list --as=system:serviceaccount:NAMESPACE:arcprobe": "test_rights_are"
    "_shown",
    "kubectl auth whoami": "SelfSubjectReview came with 1.28",
    "kubectl describe pod -n azure-arc POD": "a pod of the agents",
    "kubectl exec POD -- env | grep -i -e _proxy -e KUBERNETES_SERVICE_HOST": "a pod of the agents",
    "kubectl run dns --rm -it --image=busybox --restart=Never -- nslookup PROXYHOST": "an image of"
    " the internet",
}
"""Which test runs it, or what for it is not to be had on a server of 1.20."""
