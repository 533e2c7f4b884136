"""Slides: the figures of the paper and of the lecture, 16 by 9, each with a title that says its point."""
