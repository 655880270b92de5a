"""What became of the comments on one version of a series in the next one."""
