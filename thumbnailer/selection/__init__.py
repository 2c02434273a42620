"""The selectors, one paper a file: from a video's shots to ranked triples of them."""
