"""The report of the studies: what each of them found, in tables, figures and words."""
