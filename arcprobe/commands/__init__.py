"""One file a command: argv to settings, a call, an exit code."""
