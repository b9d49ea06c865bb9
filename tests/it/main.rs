//! What the whole system does, as people and their browsers see it; one module a behaviour.
