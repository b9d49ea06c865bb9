//! What a page's head holds for scripts that come later: the integrity of modules, and of the inspector where it is offered.

use std::fmt::Write;

use crate::{
    context::Offered,
    escape::{self, json},
    published::{Asset, Inspector},
};

/// The head's texts on pages that offer the inspector.
#[derive(Debug)]
pub(crate) struct Inspected {
    /// The import map, with its modules.
    pub(crate) import_map: String,
    attributes: String,
    openly: String,
}

impl Inspected {
    pub(crate) fn new<'a>(files: &'a Inspector, modules: impl Iterator<Item = &'a Asset>) -> Self {
        let mut attributes = String::new();
        for (name, value) in [
            ("data-inspector", &files.door.url),
            ("data-inspector-module", &files.module.url),
            ("data-inspector-wasm", &files.wasm.url),
            ("data-inspector-wasm-integrity", &files.wasm.integrity),
        ] {
            escape::push(&mut attributes, name, value);
        }
        Self {
            import_map: import_map(modules.chain([&files.door, &files.module])).unwrap_or_default(),
            openly: format!("{attributes} data-inspector-button"),
            attributes,
        }
    }

    /// Attributes of the loader's tag, each with a space before it.
    pub(crate) fn attributes(&self, offered: Offered) -> &str {
        match offered {
            Offered::No => "",
            Offered::Quietly => &self.attributes,
            Offered::Openly => &self.openly,
        }
    }
}

/// Import maps carry the integrity of modules that scripts import later (<https://html.spec.whatwg.org/#import-maps>).
pub(crate) fn import_map<'a>(modules: impl Iterator<Item = &'a Asset>) -> Option<String> {
    let mut entries = String::new();
    for module in modules {
        let comma = if entries.is_empty() { "" } else { "," };
        let _ = write!(entries, "{comma}{}:{}", json(&module.url), json(&module.integrity));
    }
    (!entries.is_empty()).then(|| format!(">{{\"integrity\":{{{entries}}}}}</script>"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_files_are_named_where_it_is_offered() {
        let asset = |name: &str| Asset {
            url: format!("/_m/assets/d/{name}"),
            integrity: format!("sha384-{name}"),
        };
        let files = Inspector {
            door: asset("door.js"),
            module: asset("module.js"),
            wasm: asset("module.wasm"),
        };
        let inspected = Inspected::new(&files, [asset("app.js")].iter());
        let map = "{\"integrity\":{\"/_m/assets/d/app.js\":\"sha384-app.js\",\"/_m/assets/d/door.js\":\"sha384-door.js\",\
                   \"/_m/assets/d/module.js\":\"sha384-module.js\"}}";
        assert_eq!(inspected.import_map, format!(">{map}</script>"));
        assert_eq!(inspected.attributes(Offered::No), "");
        let quietly = " data-inspector=\"/_m/assets/d/door.js\" data-inspector-module=\"/_m/assets/d/module.js\" \
                       data-inspector-wasm=\"/_m/assets/d/module.wasm\" data-inspector-wasm-integrity=\"sha384-module.wasm\"";
        assert_eq!(inspected.attributes(Offered::Quietly), quietly);
        assert_eq!(
            inspected.attributes(Offered::Openly),
            format!("{quietly} data-inspector-button")
        );
    }
}
