"""Every fault of the suite."""

from typing import Final

from faults import (
    backend_faults,
    backlog_faults,
    clock_faults,
    database_faults,
    disk_faults,
    process_faults,
    race_faults,
)
from faults.fault import Fault

CATALOGUE: Final[tuple[Fault, ...]] = (
    *process_faults.FAULTS,
    *race_faults.FAULTS,
    *database_faults.FAULTS,
    *backend_faults.FAULTS,
    *disk_faults.FAULTS,
    *clock_faults.FAULTS,
    *backlog_faults.FAULTS,
)
BY_NAME: Final = {fault.name: fault for fault in CATALOGUE}
