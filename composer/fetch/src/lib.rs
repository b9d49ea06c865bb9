//! Gets one fragment from its BFF under its policies.
