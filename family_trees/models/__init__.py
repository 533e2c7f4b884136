"""Networks with their vocabulary: preparing, training, asking, saving and loading them; and the small tasks.

Randomness is in `randomness`, the symmetry task in `symmetry`, iterative networks in `iterative`.
"""
