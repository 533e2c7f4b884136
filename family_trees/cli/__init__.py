"""The command line: it reads what the user typed, calls the rooms, and prints."""
