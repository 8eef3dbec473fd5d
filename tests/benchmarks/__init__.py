"""`make bench`: how fast this is, as ratios measured in one run on one machine."""
