"""The page that shows the inside of a network."""
