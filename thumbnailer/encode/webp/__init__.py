"""WebP: still pictures of the blocks that changed, laid over the canvas one after the other."""
