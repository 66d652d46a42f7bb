"""Many dressings: run, collect, evaluate."""

from __future__ import annotations

from elbowroom.campaign.cast import Cast, CastParams, Setup, draw_setup
from elbowroom.campaign.collect import collect
from elbowroom.campaign.evaluate import evaluate, plan_jobs
from elbowroom.campaign.policy import PolicyParams
from elbowroom.campaign.pool import CampaignError, run_jobs
from elbowroom.campaign.run import Dressing, EstimatorGuide, RunParams, run_dressing
from elbowroom.campaign.track import EstimateTrack, PlanTrack, filter_trial

__all__ = [
    "CampaignError",
    "Cast",
    "CastParams",
    "Dressing",
    "EstimateTrack",
    "EstimatorGuide",
    "PlanTrack",
    "PolicyParams",
    "RunParams",
    "Setup",
    "collect",
    "draw_setup",
    "evaluate",
    "filter_trial",
    "plan_jobs",
    "run_dressing",
    "run_jobs",
]
