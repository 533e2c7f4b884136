"""Everything that people look at: figures, pages, reports, and text for the terminal."""
