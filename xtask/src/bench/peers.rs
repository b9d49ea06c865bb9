//! Installs what the composer is measured beside; what can't be installed is left out of the measurement.

use std::path::Path;

use crate::tools;

/// Tailor and Podium by npm into the cache; a word about the others.
pub(super) fn install() {
    for (program, package) in [
        ("/usr/sbin/nginx", "nginx-light"),
        ("/usr/sbin/varnishd", "varnish"),
        ("/usr/bin/taskset", "util-linux"),
    ] {
        if !Path::new(program).is_file() {
            eprintln!("{program} is not there (apt-get install {package})");
        }
    }
    if let Err(error) = tools::npm_ci("benches/peers", "bench-peers") {
        eprintln!("Tailor and Podium could not be installed: {error:#}");
    }
}
