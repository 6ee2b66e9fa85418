"""Checks and observations in, findings out. Pure: no network, no clock, no file but own data.

An observation is read into a ``Reading``, all readings together are the ``Scene``; the rungs of
``ladder.py`` judge a connection, ``telling.py`` says in which words a check is told,
``wording.py`` puts them into a language.
"""

from arcprobe.findings.judging import judge as judge
