"""A mini-Internet for demo, tests and benchmarks; docs/lab.md says how to use it."""

from .internet import Lab
from .namespace import Unavailable
from .proc import StartError
from .sender import WAXWING

__all__ = ["Lab", "StartError", "Unavailable", "WAXWING"]
