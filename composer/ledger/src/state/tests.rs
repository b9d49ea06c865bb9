//! What states say of acts.
