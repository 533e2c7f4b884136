"""The experiments on the claims of the paper, the rules that judge them, and the verdicts."""
