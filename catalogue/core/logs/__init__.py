"""The logs of the processes: their formats, and the request that a line belongs to."""
