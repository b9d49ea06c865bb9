//! The BFF as a browser sees it: with script (JSON) and without (forms).

mod cart;
mod order;
mod shop;
