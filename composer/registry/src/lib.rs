//! Published versions: packed, verified, their assets; the snapshot a composer serves.
