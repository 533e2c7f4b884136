"""Readers of family files: GEDCOM, our CSV, triples."""
