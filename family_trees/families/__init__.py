"""People, facts and cases, of the trees of 1986 or of other families; reading, selecting and laying out families.

What only the trees of 1986 have is in `of_1986`. Readers of files are in `readers`.
"""
