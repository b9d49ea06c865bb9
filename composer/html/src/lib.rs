//! Finds slots in a stream of HTML and keeps a fragment's markup inside its slot.
