"""The doctor looks at an installation from all sides, writes nothing, and says what it found."""
