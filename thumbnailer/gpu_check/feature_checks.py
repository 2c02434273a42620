"""Features on a device, fed by decoders in other processes through the spool, as on a site."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch

from thumbnailer.features.analysis import analyse
from thumbnailer.features.base import FeatureExtractor, FeatureManifest
from thumbnailer.features.extractors import EXTRACTORS, load_extractor
from thumbnailer.features.kinetics import NAME as KINETICS
from thumbnailer.features.resnet3d import ResNet3d
from thumbnailer.features.spool import decode_to, extract_from
from thumbnailer.gpu_check.finding import Finding
from thumbnailer.gpu_check.made_up import write_film
from thumbnailer.settings import ExtractorSettings

ALIKE = 0.999  # cosine of a second's features on the device and on the CPU: bfloat16 there
S_PER_H = 3600


def feature_checks(
    device: str, work: Path, *, films: int, seconds: int, size: tuple[int, int], decoders: int
) -> Iterator[Finding]:
    """Yield, for each network, whether its features are the CPU's, and how fast they come.

    Args:
        device: where the network runs.
        work: a folder for films, spools and weights.
        films: how many are decoded.
        seconds: of each.
        size: width and height.
        decoders: processes that decode.
    """
    paths = [work / f"{number}.mp4" for number in range(films)]
    for number, path in enumerate(paths):
        write_film(path, seconds, *size, seed=number)
    weights = _made_up_weights(work)
    for name in EXTRACTORS:
        choice = ExtractorSettings(name, str(weights) if name == KINETICS else "")
        network = load_extractor(choice, device)
        yield _as_on_the_cpu(paths[0], choice, network, work)
        yield _speed(paths, network, work, seconds, decoders)


def _made_up_weights(work: Path) -> Path:
    """Write a 3D-ResNet-50 of untrained weights as the published files are: speed is the same."""
    torch.manual_seed(0)
    path = work / "r3d50.pth"
    torch.save({"state_dict": ResNet3d(classes=5).state_dict()}, path)
    said = {"normalisation": "kinetics-2018", "sha256": sha256(path.read_bytes()).hexdigest()}
    path.with_suffix(".json").write_text(json.dumps(said), encoding="utf-8")
    return path


def _as_on_the_cpu(
    film: Path, choice: ExtractorSettings, network: FeatureExtractor, work: Path
) -> Finding:
    spool = work / f"{choice.name}-one"
    decode_to(spool, film, network.manifest)
    there = extract_from(spool, network).features
    here = analyse(film, load_extractor(choice)).features
    lengths = np.linalg.norm(there, axis=1) * np.linalg.norm(here, axis=1)
    worst = float(((there * here).sum(axis=1) / np.maximum(lengths, 1e-12)).min())
    return Finding(
        f"features of {choice.name} through the queue's spool as on the CPU",
        worst >= ALIKE,
        f"cosine {worst:.5f} at the least",
    )


def _speed(
    films: list[Path], network: FeatureExtractor, work: Path, seconds: int, decoders: int
) -> Finding:
    """Let decoders fill spools while the network empties them."""
    manifest, busy_s = network.manifest, 0.0
    with ProcessPoolExecutor(decoders, mp_context=get_context("spawn")) as pool:
        list(pool.map(abs, range(decoders)))  # the processes are there before the clock runs
        begun_s = time.monotonic()
        spooled = [
            pool.submit(_decode, work / f"{manifest.name}-{film.stem}", film, manifest)
            for film in films
        ]
        for done in as_completed(spooled):
            started_s = time.monotonic()
            extract_from(done.result(), network)
            busy_s += time.monotonic() - started_s
        wall_s = time.monotonic() - begun_s
    an_hour = len(films) / wall_s * S_PER_H
    return Finding(
        f"speed of {manifest.name}",
        None,
        f"{an_hour:.0f} films of {seconds} s an hour with {decoders} decoders; the network waits "
        f"{1 - busy_s / wall_s:.0%} of the time",
    )


def _decode(spool: Path, film: Path, manifest: FeatureManifest) -> Path:
    torch.set_num_threads(1)
    decode_to(spool, film, manifest)
    return spool
