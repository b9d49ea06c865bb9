//! What a team needs to run a BFF: fragments, API, problems, context, SQLite, telemetry.
