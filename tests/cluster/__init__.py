"""A real Kubernetes in network namespaces: etcd, API server, controllers, scheduler, and nodes with
containerd and kubelet; joined to a netlab scenario as "the internet".
"""
