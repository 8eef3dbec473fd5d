"""Wire formats, one a file, both directions. No keys, no network, no judgement about what a document says."""
