"""The lab of real servers: enterprise networks with one fault each, in network namespaces (needs
root and Linux)."""
