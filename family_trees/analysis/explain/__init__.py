"""Explanations of one case or weight: equations 1 to 9 with the numbers of one network."""
