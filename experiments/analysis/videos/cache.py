"""The record of every video, built once for each state of an experiment."""

from experiments.analysis.report.cache import VersionedCache
from experiments.analysis.videos.build import build_videos

current_videos = VersionedCache(build_videos).of
