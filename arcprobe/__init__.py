"""arcprobe: will Azure Arc work from here?  config -> plan -> probes -> findings -> diagnosis ->
report."""

__version__ = "0.1.0"
