"""The exit codes of every command. Light: the front door needs them."""

DONE = 0  # everything required passed; warnings allowed, unless --strict
FAILED = 1  # something failed, or differs
WRONG = 2  # the command line or the settings are wrong; nothing was probed
UNFINISHED = 3  # a deadline, a signal, a fault of arcprobe's own, a report that was not written
