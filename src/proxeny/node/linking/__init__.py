"""Series of this node: found online, with reasons, and every decision undoable."""
