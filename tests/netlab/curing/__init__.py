"""The cure: what a report gives to be pasted is pasted into the lab's own servers, and arcprobe is
asked again."""
