"""What git calls to merge dvc.lock and .dvc files, and how git is told to."""
