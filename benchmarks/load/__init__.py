"""How fast, against whom, and where the time goes: `python3 dev.py bench`."""
