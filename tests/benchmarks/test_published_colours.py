"""Published files as Chromium shows them, beside the frames that were encoded.

Mean differences keep their sign, so that a tint shows: of the red, green and blue of four real
clips, and of plain fields of 64 colours and 16 grays.
"""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests import chromium
from tests.benchmarks.cut_clips import DELAY_CS, cut_clip
from tests.thumbnailer.encode.moving import Frames
from thumbnailer.encode.formats import FORMATS
from thumbnailer.encode.parts.footage import Footage
from thumbnailer.encode.still import encode_still

pytestmark = [pytest.mark.benchmark, chromium.needed]

CLIPS = (
    "big_buck_bunny_60s.mp4",
    "sintel_trailer_480p.mp4",
    "tears_of_steel_battle.webm",
    "mdn_toys_concat_50s.mp4",
)
FIELD_PX, IN_A_ROW = 20, 16
TINT, APART = 0.8, 5.0  # levels of 255
STILL = "jpeg"

# Posts the pixels of each file at every frame's time; of an <img> the first.
PAGE = """<!doctype html><script type="module">
const told = [];
const tell = (picture, width, height, times) => {
  const canvas = new OffscreenCanvas(width, height), context = canvas.getContext("2d");
  context.drawImage(picture, 0, 0);
  for (let n = 0; n < times; n++) told.push(context.getImageData(0, 0, width, height).data);
};
for (const [name, type, way] of await (await fetch("/asked.json")).json()) {
  const body = await (await fetch("/" + name)).blob();
  if (way == "img") {
    const image = new Image();
    image.src = URL.createObjectURL(new Blob([body], {type}));
    await image.decode();
    tell(image, image.naturalWidth, image.naturalHeight, 1);
    continue;
  }
  const decoder = new ImageDecoder({data: body.stream(), type});
  await decoder.tracks.ready;
  await decoder.completed;
  for (let n = 0; n < decoder.tracks.selectedTrack.frameCount; n++) {
    const {image} = await decoder.decode({frameIndex: n});
    tell(image, image.displayWidth, image.displayHeight, Math.round(image.duration / FRAME_US));
  }
}
await fetch("/told", {method: "POST", body: new Blob(told)});
</script>""".replace("FRAME_US", str(10_000 * DELAY_CS))


def fields() -> Frames:
    """Two frames alike, of plain fields: 64 colours and 16 grays."""
    colours = np.random.default_rng(0).integers(0, 256, (64, 3))
    grays = np.linspace(0, 255, 16).round().astype(int)[:, None].repeat(3, axis=1)
    sheet = np.concatenate([colours, grays]).reshape(-1, IN_A_ROW, 3)
    sheet = sheet.repeat(FIELD_PX, axis=0).repeat(FIELD_PX, axis=1).astype(np.uint8)
    return np.stack([sheet, sheet])


def shown(
    files: Mapping[str, bytes], frames: Frames, way: str, folder: Path
) -> dict[str, NDArray[np.uint8]]:
    """Return (N, H, W, 3) of each file, by its media type, as Chromium shows it."""
    served = {media_type.replace("/", "."): content for media_type, content in files.items()}
    asked = [(name, media_type, way) for name, media_type in zip(served, files, strict=True)]
    served["asked.json"] = json.dumps(asked).encode()
    pixels = np.frombuffer(chromium.tells(PAGE, served, folder), np.uint8)
    height, width = frames.shape[1:3]
    of_each = pixels.reshape(len(files), -1, height, width, 4)[..., :3]
    return dict(zip(files, of_each, strict=True))


@pytest.mark.parametrize("name", [*CLIPS, "fields"])
def test_published_files_in_a_browser(name: str, shared_videos: Path, tmp_path: Path) -> None:
    frames = fields() if name == "fields" else cut_clip(shared_videos / name)
    made = {
        each.media_type: each.encode(Footage(frames), DELAY_CS, each.default_quality)
        for each in FORMATS.values()
    }
    (film := tmp_path / "film.mp4").write_bytes(made.pop("video/mp4"))
    stills = {**made, f"image/{STILL}": encode_still(frames[0])}
    at_s = (len(frames) - 0.5) * DELAY_CS / 100
    pairs = {
        ("<video>", "video/mp4"): (chromium.frames({"a": film}, at_s, tmp_path)["a"], frames[-1])
    }
    for way, files, wanted in (("decoded", made, frames), ("img", stills, frames[:1])):
        for kind, theirs in shown(files, frames, way, tmp_path).items():
            pairs[way, kind] = theirs, wanted
    for (way, kind), (theirs, wanted) in pairs.items():
        off = theirs.astype(np.int16) - wanted
        tint, apart = off.reshape(-1, 3).mean(axis=0), float(np.abs(off).mean())
        print(f"\n{name:28} {kind:10} {way:8} {np.round(tint, 2)} {apart:.2f}", end="")
        assert apart < APART, (way, kind)
        assert np.abs(tint).max() < TINT, (way, kind)
