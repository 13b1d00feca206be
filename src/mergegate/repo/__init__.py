"""What a revision holds: git objects, and DVC objects by md5."""
