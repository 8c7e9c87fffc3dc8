"""Certifying an endpoint: orders to be paid, scenarios that are played with them, a report."""
