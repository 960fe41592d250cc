"""What is wrong with outside data; it lives in `clearway.faults`, for all who read outside files."""

from clearway.faults import FaultLog, did_you_mean, nearest, printable, show

__all__ = ["FaultLog", "did_you_mean", "nearest", "printable", "show"]
