"""The compiled engine: the arithmetic of `ARITHMETIC.md` in C, chosen silently where it is there.

`kernel.c` and `sweep.h` hold the equations, `library` finds the compiled file, and `program` hands arrays over. Where
there is no compiled file, or a task that it does not do, the readable engine computes the same numbers more slowly.
"""
