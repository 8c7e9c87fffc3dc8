"""The operator's console: what happened to each payment, and the one thing a person may do about it.

It reads the books and changes none of them, but for acts that have a name and leave a line in `operator_action`.
"""

from sidecar.console.site import Console

__all__ = ["Console"]
