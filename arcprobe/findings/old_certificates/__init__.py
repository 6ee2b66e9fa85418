"""The judges of certificates as they were in 0.1.0, until findings/__init__.py calls the rungs. To
be deleted then."""
