//! Joins fetch and stitch.
