"""The judges as they were before the rungs: until ``findings`` asks the new ones."""
