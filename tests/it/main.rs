//! What the whole system does, as people and their browsers see it; one module a behaviour.

mod story;
mod story_without_script;
mod hydration;
mod containment;
mod accessibility;
mod screenshots;
mod faults;
mod hostile;
mod faulty;
mod streaming;
mod compression;
mod slots;
mod gateway;
mod console;
mod deploying;
mod durability;
mod fuzz;
mod open_tab;
mod policy;
mod releases;
mod operations;
mod errors;
mod isolation;
mod handover;
mod overload;
