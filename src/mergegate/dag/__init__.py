"""dvc.yaml, dvc.lock and .dvc files of one revision: stages, their differences, the lock chain."""
