"""The digest of the encoder settings changes whenever the bytes may."""

from dataclasses import replace

from thumbnailer.encode.settings import DEFAULT, EncoderSettings


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
