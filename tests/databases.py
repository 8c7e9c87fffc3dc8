"""What the drivers of both databases say when a row may not be."""

import sqlite3
from typing import Final

import asyncpg

CONFLICTS: Final = (sqlite3.IntegrityError, asyncpg.IntegrityConstraintViolationError)
