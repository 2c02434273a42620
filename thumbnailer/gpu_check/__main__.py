"""`make gpu-check`: try on a GPU what can only be tried there, within five minutes.

Where there is none it says so and checks nothing; `--device cpu` runs the checks themselves.
"""

import argparse
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from thumbnailer.gpu_check.feature_checks import feature_checks
from thumbnailer.gpu_check.training_checks import Size, training_checks

FILMS, SECONDS, PICTURE = 32, 60, (1280, 720)


def main(arguments: list[str]) -> int:
    """Print every finding as it comes; 1 where one is not as it must be."""
    parser = argparse.ArgumentParser(prog="thumbnailer.gpu_check", description=__doc__)
    parser.add_argument("--device", default="cuda", help="cuda, or cpu to try the checks")
    parser.add_argument("--films", type=int, default=FILMS, help="to decode for the speeds")
    options = parser.parse_args(arguments)
    if options.device == "cuda" and not torch.cuda.is_available():
        print("There is no GPU that CUDA knows here: nothing was checked.")
        return 0
    print(f"torch {torch.__version__} on {_named(options.device)}", flush=True)
    failed = 0
    with TemporaryDirectory() as folder:
        decoders = max(1, (os.cpu_count() or 2) - 1)
        films = {"films": options.films, "seconds": SECONDS, "decoders": decoders}
        work = Path(folder)
        for finding in training_checks(options.device, work, Size()):
            print(finding, flush=True)
            failed += finding.passed is False
        for finding in feature_checks(options.device, work, size=PICTURE, **films):
            print(finding, flush=True)
            failed += finding.passed is False
    print(f"{failed} checks failed" if failed else "all checks passed")
    return int(failed > 0)


def _named(device: str) -> str:
    return torch.cuda.get_device_name() if device == "cuda" else device


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
