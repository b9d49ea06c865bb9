//! Route, layout, plan and stitch: pure, no IO, no clock.
