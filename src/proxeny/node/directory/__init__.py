"""Partners: who they are, how they are reached, and which keys are theirs."""
