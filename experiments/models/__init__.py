"""The tables: what there is to show, what is compared, and what happened."""

from experiments.models.access_key import AccessKey
from experiments.models.annotation import Choice, CommentCurve, Judgement, Proposal
from experiments.models.audit import AuditEntry
from experiments.models.catalogue import PUBLISHER, Creative, Thumbnail, Video, VideoFrame
from experiments.models.decision import Decision, ShippedPicture
from experiments.models.events import (
    ArchivedDay,
    Arrival,
    DayCount,
    Event,
    GivenCount,
    HourCount,
    IdBlock,
    MinuteCount,
    NetworkVisit,
    RefusedCount,
    Rejection,
    VideoHourCount,
    VideoMinuteCount,
    ViewerFlag,
)
from experiments.models.experiment import Arm, Experiment, TwoWayError
from experiments.models.intake import Intake
from experiments.models.kept_answer import KeptAnswer
from experiments.models.phase import Cell, Phase
from experiments.models.report_summary import ReportSummary
from experiments.models.served_change import ServedChange
from experiments.models.simulated_traffic import SimulatedTraffic
from experiments.models.video_course import VideoCourse
from experiments.models.viewer_alias import ViewerAlias
from experiments.models.webhook import Webhook, WebhookDelivery
from experiments.models.work_time import WorkTime

__all__ = [
    "PUBLISHER",
    "AccessKey",
    "ArchivedDay",
    "Arm",
    "Arrival",
    "AuditEntry",
    "Cell",
    "Choice",
    "CommentCurve",
    "Creative",
    "DayCount",
    "Decision",
    "Event",
    "Experiment",
    "GivenCount",
    "HourCount",
    "IdBlock",
    "Intake",
    "Judgement",
    "KeptAnswer",
    "MinuteCount",
    "NetworkVisit",
    "Phase",
    "Proposal",
    "RefusedCount",
    "Rejection",
    "ReportSummary",
    "ServedChange",
    "ShippedPicture",
    "SimulatedTraffic",
    "Thumbnail",
    "TwoWayError",
    "Video",
    "VideoCourse",
    "VideoFrame",
    "VideoHourCount",
    "VideoMinuteCount",
    "ViewerAlias",
    "ViewerFlag",
    "Webhook",
    "WebhookDelivery",
    "WorkTime",
]
