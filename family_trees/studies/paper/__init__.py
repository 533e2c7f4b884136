"""The experiments on the paper's claims, and the verdicts."""
