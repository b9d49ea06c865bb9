//! Whole-system tests: real composer, real BFFs, real Chromium; and the harness they share.
