"""Measurement of this process's peak memory."""

import resource
import sys


def peak_megabytes() -> float:
    """Return the most memory that the process has held so far."""
    # Linux reports kilobytes, and macOS bytes.
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
