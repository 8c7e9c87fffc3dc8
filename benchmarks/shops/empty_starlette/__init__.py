"""The framework alone, without a shop."""
