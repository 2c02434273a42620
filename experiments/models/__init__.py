"""The tables: what there is to show, what is compared, and what happened."""

from experiments.models.catalogue import Thumbnail, Video
from experiments.models.experiment import Arm, Experiment

__all__ = ["Arm", "Experiment", "Thumbnail", "Video"]
