"""Alembic's folder; see `sidecar.schema`."""
