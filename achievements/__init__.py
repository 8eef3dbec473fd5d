"""What a microcredential is and when it is earned: the pure domain, without database, web or keys."""
