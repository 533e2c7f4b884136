"""Many networks: study files, runs, tables."""
