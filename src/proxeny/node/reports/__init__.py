"""Reports that this node received."""
