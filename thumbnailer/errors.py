"""Everything that can be wrong with a video, a model or its training data, each with a code."""

from typing import ClassVar


class ThumbnailerError(Exception):
    """Base of all foreseeable failures; the message names the file and the remedy.

    Attributes:
        code: stable snake_case name of the failure, fit to be stored and counted.
        is_the_videos_fault: true where this file alone is to blame, so that others can go on;
            false where the installation is, so that every file would fail alike.
        may_pass: true where the same file may well succeed later.
    """

    code: ClassVar[str]
    is_the_videos_fault: ClassVar[bool] = False
    may_pass: ClassVar[bool] = False


class VideoError(ThumbnailerError):
    """One video file cannot be used."""

    is_the_videos_fault = True


class VideoNotFoundError(VideoError):
    """There is no such file, or it is not a regular file that may be read."""

    code = "not_found"


class EmptyFileError(VideoError):
    """The file has no bytes: its upload or copy broke off before it began."""

    code = "empty"


class PlaylistError(VideoError):
    """The file holds no pictures but names others: they are never followed."""

    code = "playlist"


class UnreadableVideoError(VideoError):
    """The file is no video container that is accepted: text, picture, damaged header."""

    code = "unreadable"


class TooManyStreamsError(VideoError):
    """The container claims more streams, or a larger header, than any honest one has."""

    code = "too_many_streams"


class EncryptedVideoError(VideoError):
    """The pictures are encrypted, and no key is at hand."""

    code = "encrypted"


class NoVideoTrackError(VideoError):
    """The container holds no moving pictures, only sound, subtitles or cover art."""

    code = "no_video_track"


class UnknownColoursError(VideoError):
    """The pictures could be decoded, but their colours would be wrong."""

    code = "unknown_colours"


class DecodeFailedError(VideoError):
    """Not one frame could be decoded."""

    code = "decode_failed"


class DamagedVideoError(VideoError):
    """Frames could be decoded, but nearly all are built on something that was lost."""

    code = "damaged"


class VideoTooLargeError(VideoError):
    """The picture has more pixels than one worker can hold."""

    code = "too_large"


class PictureTooSmallError(VideoError):
    """The picture has too few pixels to stand beside others."""

    code = "too_small"


class VideoTooLongError(VideoError):
    """The video, or a gap in its time stamps, is longer than is looked at."""

    code = "too_long"


class DiskFullError(ThumbnailerError):
    """There is no room left to write a file; what was there before is untouched."""

    code = "disk_full"
    may_pass = True


class CrashedError(VideoError):
    """The file ended the process that worked on it."""

    code = "crashed"


class TimeLimitError(VideoError):
    """A step took longer than it may."""

    code = "time_limit"


class MemoryLimitError(VideoError):
    """A step took more memory than it may."""

    code = "memory_limit"


class ChildLostError(ThumbnailerError):
    """The process that worked on the file was ended from outside."""

    code = "child_lost"
    may_pass = True


class SpoolLostError(ThumbnailerError):
    """The frames that features were to be extracted from are gone; they can be decoded again."""

    code = "spool_lost"
    may_pass = True


class BadFeaturesError(ThumbnailerError):
    """Features have the wrong shape or hold values that are not finite."""

    code = "bad_features"


class UnknownSelectorError(ThumbnailerError):
    """No selector has this name."""

    code = "unknown_selector"


class UnknownExtractorError(ThumbnailerError):
    """No extractor of features has this name."""

    code = "unknown_extractor"


class OtherFeaturesError(ThumbnailerError):
    """A selector's weights were trained on other features than those at hand."""

    code = "other_features"


class CheckpointMissingError(ThumbnailerError):
    """A model's weights are not where they should be."""

    code = "checkpoint_missing"


class CheckpointMismatchError(ThumbnailerError):
    """A weights file is damaged, of another model, or made for other features."""

    code = "checkpoint_mismatch"


class BadTrainingDataError(ThumbnailerError):
    """A folder of training data lacks a file or holds a record that makes no sense."""

    code = "bad_training_data"
