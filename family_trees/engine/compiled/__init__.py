"""The compiled engine: the arithmetic of `ARITHMETIC.md` in C, chosen silently where it is there.

`sweep.h` and `embedding.h` hold the equations of the two learners, and `kernel.c` what is called from Python. `library`
finds the compiled file, and `program` and `embedding_program` hand arrays over. Where there is no compiled file, or a
task that it does not do, the readable engine computes the same numbers more slowly.
"""
