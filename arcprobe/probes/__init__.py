"""Checks in, observations out: the only package that touches the network. Nothing here judges."""
