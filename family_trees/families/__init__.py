"""People, facts and cases: the trees of 1986 and families of one's own."""
