"""The agents are Go programs: what Go makes of an input, and whether arcprobe reads it so."""
