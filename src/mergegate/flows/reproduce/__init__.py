"""Run again what a change claims, in a clean place, and compare the outcome with its dvc.lock."""

from mergegate.flows.reproduce.reproducing import reproduce
from mergegate.flows.reproduce.request import Request, Teller

__all__ = ["Request", "Teller", "reproduce"]
