"""The paper's pilot at a chosen scale, drawn straight into the event tables.

Simulated, and says so wherever it is shown: the catalogue, the viewers and their clicks are drawn
from experiments.studies.simulation; assignment, events, rollup and report are the product's own.
"""

from experiments.studies.replica.experiment import DAYS, FIRST_DAY, Replica, prepare
from experiments.studies.replica.writing import Written, write, write_and_count

__all__ = ["DAYS", "FIRST_DAY", "Replica", "Written", "prepare", "write", "write_and_count"]
