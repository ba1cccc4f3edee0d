"""One typed operator file becomes the node's settings."""
