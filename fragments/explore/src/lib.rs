//! The explore team's fragments: views and the code that wakes them in the browser.
