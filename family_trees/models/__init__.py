"""What can be trained, asked and saved."""
