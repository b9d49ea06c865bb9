//! The composer's HTTP in and out, configuration and wiring.
