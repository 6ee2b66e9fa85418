"""Certificates and bundles as Go reads them; beside it, tests/agents compares with Go itself."""
