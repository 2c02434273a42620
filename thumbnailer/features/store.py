"""A store of what the decoding pass left of each video, so that no model has it decoded twice.

The one exception is the first that reads faces and lettering, which no other asks for.

A file is the SHA-256 of what follows, then a compressed .npz. Features are kept as float16: half
the bytes of float32. Callers get the rounded numbers at the first time too, so a selector chooses
the same from a full store as from an empty one.
"""

import errno
import json
import os
from dataclasses import astuple, fields
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile

import numpy as np
from numpy.typing import NDArray

from thumbnailer.errors import BadFeaturesError, DiskFullError
from thumbnailer.features.analysis import VERSION, Analysis, analyse
from thumbnailer.features.base import FeatureExtractor, FeatureManifest
from thumbnailer.results import Part
from thumbnailer.settings import DEFAULT_FILM, FilmSettings
from thumbnailer.video.measures import FrameMeasures

NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
LARGEST = float(np.finfo(np.float16).max)
MEASURES = tuple(field.name for field in fields(FrameMeasures))


class FeatureStore:
    """A folder of analyses, by the video's content, the extractor's manifest and our version."""

    def __init__(self, folder: str | Path, settings: FilmSettings = DEFAULT_FILM) -> None:
        """Take the folder, and the ways in which films may be read."""
        self._folder, self._settings = Path(folder), settings

    def analysis(
        self,
        path: str | Path,
        extractor: FeatureExtractor,
        content_sha256: str,
        *,
        with_cues: bool = True,
    ) -> Analysis:
        """Return the kept analysis; without one, or with a damaged one, decode the video.

        Also where faces and lettering are wanted, and were not looked for at the first time.

        Args:
            path: the video; not opened where its analysis is kept.
            extractor: whose features are wanted.
            content_sha256: of the video's bytes, in hexadecimal.
            with_cues: whether faces and lettering are wanted.

        Raises:
            VideoError: one of its kinds, where the file cannot be used.
            BadFeaturesError: features beyond what float16 holds.
            DiskFullError: no room to keep the analysis.
        """
        payload = _undamaged_payload(self._file(content_sha256, extractor.manifest))
        kept = None if payload is None else unpack(payload)
        if kept is not None and (kept.has_cues or not with_cues):
            return kept
        video = analyse(path, extractor, self._settings, with_cues=with_cues)
        return unpack(self.keep(video, extractor.manifest, content_sha256))

    def keep(self, video: Analysis, manifest: FeatureManifest, content_sha256: str) -> bytes:
        """Keep an analysis, and return it packed.

        Raises:
            BadFeaturesError: features beyond what float16 holds.
            DiskFullError: no room to keep the analysis.
        """
        payload = pack(video)
        _write(self._file(content_sha256, manifest), sha256(payload).digest() + payload)
        return payload

    def name(self, manifest: FeatureManifest, content_sha256: str) -> str:
        """Return where in the folder the video's analysis is kept."""
        return f"{content_sha256[:2]}/{content_sha256}-{self._key(manifest)}"

    def _file(self, content_sha256: str, manifest: FeatureManifest) -> Path:
        return self._folder / self.name(manifest, content_sha256)

    def _key(self, manifest: FeatureManifest) -> str:
        """Return what changes whenever an analysis of the same bytes may."""
        parts = [VERSION, MEASURES, manifest.digest, self._settings.background]
        return sha256(json.dumps(parts).encode()).hexdigest()[:20]


def _undamaged_payload(file: Path) -> bytes | None:
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        return None
    digest, payload = content[:32], content[32:]
    return payload if sha256(payload).digest() == digest else None


def pack(video: Analysis) -> bytes:
    """Return the analysis as a compressed .npz, its features as float16."""
    measures: dict[str, NDArray[np.float32]] = {
        f"frames.{name}": getattr(video.frames, name) for name in MEASURES
    }
    file = BytesIO()
    np.savez_compressed(
        file,
        allow_pickle=False,
        features=_halved(video.features),
        skipped_packets=np.asarray(video.skipped_packets),
        part=np.asarray(astuple(video.part)),
        faces=video.faces,
        lettering=video.lettering,
        is_damaged=np.asarray(video.is_damaged),
        **measures,
    )
    return file.getvalue()


def unpack(payload: bytes) -> Analysis:
    """Return what was packed."""
    with np.load(BytesIO(payload)) as arrays:
        return Analysis(
            features=arrays["features"].astype(np.float32),
            frames=FrameMeasures(**{name: arrays[f"frames.{name}"] for name in MEASURES}),
            skipped_packets=int(arrays["skipped_packets"]),
            part=Part(*arrays["part"].tolist()),
            faces=arrays["faces"],
            lettering=arrays["lettering"],
            is_damaged=bool(arrays["is_damaged"]),
        )


def _halved(features: NDArray[np.float32]) -> NDArray[np.float16]:
    largest = float(np.abs(features).max(initial=0))
    if largest > LARGEST:
        raise BadFeaturesError(
            f"max(abs(features)) == {largest:g}, must be at most {LARGEST:g}: "
            "scale the extractor's output"
        )
    return features.astype(np.float16)


def _write(file: Path, content: bytes) -> None:
    """Put the file in its place whole, or not at all."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=file.parent, delete=False) as part:
            try:
                part.write(content)
                part.flush()
                os.fsync(part.fileno())
                Path(part.name).replace(file)
            except BaseException:
                Path(part.name).unlink()
                raise
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        raise DiskFullError(
            f"{file} cannot be written ({error.strerror}): free space and try again"
        ) from error
