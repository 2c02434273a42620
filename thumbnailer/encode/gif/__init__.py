"""GIF: noise held still, one palette, then LZW that bends pixels to what packs better."""
