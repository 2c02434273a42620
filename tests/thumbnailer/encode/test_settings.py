"""The digest of the encoder settings changes whenever the bytes may."""

import ast
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from thumbnailer.encode import settings
from thumbnailer.encode.settings import DEFAULT, ENCODER_VERSION, EncoderSettings

# The code that makes the bytes, without its words. Where this fails, and the same frames now give
# other bytes, raise ENCODER_VERSION; then enter the digest that the failure shows.
CODE_OF_VERSION = {4: "ea01a154d9b0a6c7"}
SILENT = {"settings.py", "__init__.py", "ssim.py", "strip.py"}


def digest_of_code() -> str:
    digest = sha256()
    for path in sorted(Path(settings.__file__).parent.glob("*.py")):
        if path.name not in SILENT:
            digest.update(ast.dump(without_words(ast.parse(path.read_text()))).encode())
    return digest.hexdigest()[:16]


def without_words(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        body: list[ast.stmt] = getattr(node, "body", None) or []
        first = body[0] if isinstance(body, list) and body else None
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
            body.remove(first)
    return tree


def test_the_version_stands_for_the_code() -> None:
    assert digest_of_code() == CODE_OF_VERSION[ENCODER_VERSION]


def test_every_setting_is_in_the_digest() -> None:
    webp = DEFAULT.formats[1]
    others = [
        replace(DEFAULT, frame_ms=100),
        replace(DEFAULT, box_width=640),
        replace(DEFAULT, still_quality=60),
        replace(DEFAULT, formats=DEFAULT.formats[:2]),
        replace(DEFAULT, formats=(DEFAULT.formats[0], replace(webp, quality=50))),
        replace(DEFAULT, formats=(DEFAULT.formats[0], replace(webp, budget_bytes=1000))),
    ]
    digests = {each.digest for each in [DEFAULT, *others]}
    assert len(digests) == 1 + len(others)
    assert EncoderSettings().digest == DEFAULT.digest
