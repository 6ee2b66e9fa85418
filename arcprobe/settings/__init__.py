"""Flags, environment, file and the conventional proxy variables in; one ``Config`` out. A setting
is a row of ``table.py``, and its use."""
