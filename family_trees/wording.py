"""Words for numbers."""


def count(number: int, noun: str) -> str:
    """`number` and `noun`, in the plural where it is due: 1 case, 2 cases."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
