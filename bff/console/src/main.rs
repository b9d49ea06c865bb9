//! The console's BFF: shows what the admin API says, and acts there in its user's name.

fn main() {}
