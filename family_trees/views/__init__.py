"""Everything that is looked at."""
