"""What stands between a repository and a gate that nobody can skip: gathering what the checks look at."""
