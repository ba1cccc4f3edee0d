"""What SQL can't say: sketches of narratives and the merge guard, compiled by numba."""
