//! Makes glue and module smaller on the wire: their names for each other become short, comments and indentation go.
//!
//! wasm-bindgen puts a hash of sixteen digits behind each name, in both files, and digits don't compress.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use walrus::{Module, ModuleConfig};

/// Glue and module after [`shorten`].
pub(crate) struct Short {
    /// The ES module.
    pub(crate) glue: String,
    /// The WASM module.
    pub(crate) wasm: Vec<u8>,
}

/// Gives what glue and module import from each other short names; what others call keeps its own.
///
/// # Errors
/// When the module can't be read, or the glue lacks what the module imports from it.
pub(crate) fn shorten(name: &str, glue: &str, wasm: &[u8]) -> Result<Short> {
    let mut config = ModuleConfig::new();
    config.generate_name_section(false).generate_producers_section(false);
    let mut module = config.parse(wasm).context("can't read the module")?;
    let home = format!("./{name}_bg.js");
    let mut names = Names::default();
    for import in module.imports.iter_mut().filter(|import| import.module == home) {
        ensure!(glue.contains(&import.name), "the glue has no `{}`", import.name);
        import.name = names.short(&import.name);
    }
    for export in module.exports.iter_mut().filter(|export| is_internal(&export.name)) {
        export.name = names.short(&export.name);
    }
    for function in own_functions(glue) {
        names.short(function);
    }
    let mut glue = renamed(&strip(glue)?, &names.0);
    let key = format!("\"{home}\": ");
    if glue.matches(&key).count() == 1 {
        glue = glue.replace(&key, "$: ");
        for import in module.imports.iter_mut().filter(|import| import.module == home) {
            import.module = "$".into();
        }
    }
    Ok(Short {
        glue,
        wasm: emitted(module),
    })
}

/// Of the exports, these are between glue and module.
fn is_internal(name: &str) -> bool {
    name.starts_with("__") || name.starts_with("wasm_bindgen__")
}

/// The glue's functions for itself. One whose name is a property somewhere keeps it.
fn own_functions(glue: &str) -> impl Iterator<Item = &str> {
    let exported = glue.rfind("\nexport {").map_or("", |at| &glue[at..]);
    glue.lines()
        .filter_map(|line| Some(line.strip_prefix("function ")?.split_once('(')?.0))
        .filter(move |name| !exported.contains(name))
        .filter(|name| !glue.contains(&format!(".{name}")) && !glue.contains(&format!("{name}:")))
}

fn emitted(mut module: Module) -> Vec<u8> {
    walrus::passes::gc::run(&mut module);
    module.emit_wasm()
}

/// `$0`, `$1`, … in the order in which they are asked for.
#[derive(Default)]
struct Names(BTreeMap<String, String>);

impl Names {
    fn short(&mut self, long: &str) -> String {
        let next = format!("${}", self.0.len());
        self.0.entry(long.to_owned()).or_insert(next).clone()
    }
}

/// The text with whole identifiers replaced.
fn renamed(text: &str, names: &BTreeMap<String, String>) -> String {
    let mut out = String::with_capacity(text.len());
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '$';
    let mut rest = text;
    while let Some(at) = rest.find(is_part) {
        let (before, from) = rest.split_at(at);
        let (word, behind) = from.split_at(from.find(|letter| !is_part(letter)).unwrap_or(from.len()));
        out.push_str(before);
        out.push_str(names.get(word).map_or(word, String::as_str));
        rest = behind;
    }
    out + rest
}

/// A script without comments that have lines of their own, without indentation and empty lines.
///
/// # Errors
/// When a text in the script has several lines, for these keep their indentation, or something follows a comment in its line.
pub fn strip(script: &str) -> Result<String> {
    let mut out = String::with_capacity(script.len());
    let mut in_comment = false;
    for line in script.lines().map(str::trim) {
        let comment = line.strip_prefix("/*").filter(|_| !in_comment);
        if in_comment || comment.is_some() {
            let end = comment.unwrap_or(line).split_once("*/");
            let behind = end.map_or("", |(_, behind)| behind);
            ensure!(
                behind.is_empty(),
                "`strip` knows nothing behind a comment's end, as in: {line}"
            );
            in_comment = end.is_none();
            continue;
        }
        if line.is_empty() || line.starts_with("//") {
            continue;
        }
        ensure!(
            line.matches('`').count() % 2 == 0,
            "`strip` knows no text of several lines, as in: {line}"
        );
        out.push_str(line);
        out.push('\n');
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_indentation_go() {
        let script = "/** a\n * b\n */\nlet a = 1; // why\n\n    // c\n    f(`x`);\n/* d */\n";
        assert_eq!(strip(script).unwrap(), "let a = 1; // why\nf(`x`);\n");
        assert!(strip("let a = `\n  b`;").is_err());
        assert!(strip("/* a */ b();").is_err() && strip("/*\n a */ b();").is_err());
    }

    #[test]
    fn only_whole_names_are_replaced() {
        let names = BTreeMap::from([("ab".to_owned(), "$0".to_owned())]);
        assert_eq!(
            renamed("ab(abc, $ab, wasm.ab) é ab", &names),
            "$0(abc, $ab, wasm.$0) é $0"
        );
    }

    #[test]
    fn both_files_have_the_same_names() {
        let mut module = Module::default();
        let ty = module.types.add(&[], &[]);
        let (outer, _) = module.add_import_func("./a_bg.js", "__wbg_x_0123456789abcdef", ty);
        let (other, _) = module.add_import_func("./snippets/b.js", "__wbg_x_0123456789abcdef", ty);
        module.exports.add("start", outer);
        module.exports.add("__wbindgen_free", other);
        let glue = "function getText() {\n}\nfunction initSync() {\n}\nexport { initSync };\nconst i = { __wbg_x_0123456789abcdef: function() {} };\nreturn { \"./a_bg.js\": i };\n\
                    wasm.start(); wasm.__wbindgen_free();\n";
        let short = shorten("a", glue, &module.emit_wasm()).unwrap();
        assert_eq!(
            short.glue,
            "function $2() {\n}\nfunction initSync() {\n}\nexport { initSync };\nconst i = { $0: function() {} };\nreturn { $: i };\nwasm.start(); wasm.$1();\n"
        );
        let module = Module::from_buffer(&short.wasm).unwrap();
        let imports: Vec<_> = module.imports.iter().map(|each| (&*each.module, &*each.name)).collect();
        assert_eq!(imports, [("$", "$0"), ("./snippets/b.js", "__wbg_x_0123456789abcdef")]);
        let exports: Vec<_> = module.exports.iter().map(|each| &*each.name).collect();
        assert_eq!(exports, ["start", "$1"]);
        assert!(shorten("a", "", &Module::from_buffer(&short.wasm).unwrap().emit_wasm()).is_ok());
    }
}
