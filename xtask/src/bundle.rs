//! The shell's own steps; what else makes a module is shared with `marquetry build`.

use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};

use crate::{step, tools};

/// Shrinks a module in place, where the optimiser is installed.
///
/// # Errors
/// When the optimiser fails.
pub(crate) fn optimise(wasm: &Path) -> Result<()> {
    let Some(wasm_opt) = tools::wasm_opt() else {
        return Ok(());
    };
    let smaller = wasm.with_extension("opt");
    let mut command = step::command(wasm_opt);
    command.args(["-Oz", "--strip-debug", "--strip-producers", "--strip-target-features"]);
    command.arg(wasm).arg("-o").arg(&smaller);
    let name = wasm.file_name().unwrap_or_default().to_string_lossy().into_owned();
    step::run(&format!("wasm-opt {name}"), &mut command)?;
    fs::rename(&smaller, wasm).with_context(|| format!("replace {}", wasm.display()))
}

/// Writes a script, with those that it imports before it, as one without comments and indentation; what the first exports is exported.
///
/// # Errors
/// When a file can't be read, is no script, or has a name that another has.
pub(crate) fn join_scripts(first: &Path) -> Result<String> {
    let mut joined = Joined::default();
    joined.add(first)?;
    Ok(joined.text)
}

#[derive(Default)]
struct Joined {
    text: String,
    files: Vec<PathBuf>,
    names: HashSet<String>,
}

impl Joined {
    fn add(&mut self, file: &Path) -> Result<()> {
        if self.files.iter().any(|known| known == file) {
            return Ok(());
        }
        self.files.push(file.to_owned());
        let script = fs::read_to_string(file).with_context(|| format!("read {}", file.display()))?;
        for line in script.lines() {
            if let Some(name) = declared(line) {
                let is_new = self.names.insert(name.to_owned());
                ensure!(
                    is_new,
                    "{}: `{name}` is the name of something in another script",
                    file.display()
                );
            }
            if let Some(import) = line.strip_prefix("import ") {
                let other = import.strip_suffix("\";").and_then(|rest| rest.rsplit_once("\"./"));
                let (_, other) = other.with_context(|| format!("{}: no import of one line: {line}", file.display()))?;
                self.add(&file.with_file_name(other))?;
            }
        }
        let is_first = self.files[0] == file;
        let own = script.lines().filter(|line| !line.starts_with("import "));
        let inner = |line| if is_first { line } else { unexported(line) };
        let own: Vec<&str> = own.map(inner).collect();
        let own = cli_bundle::strip(&own.join("\n")).with_context(|| file.display().to_string())?;
        self.text.push_str(&own);
        Ok(())
    }
}

fn unexported(line: &str) -> &str {
    line.strip_prefix("export ").unwrap_or(line)
}

/// What a line outside of all blocks declares.
fn declared(line: &str) -> Option<&str> {
    let line = unexported(line);
    let line = line.strip_prefix("async ").unwrap_or(line);
    let name = ["const ", "let ", "function "]
        .iter()
        .find_map(|word| line.strip_prefix(word))?;
    name.split(|c: char| !c.is_alphanumeric() && c != '_').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(files: &[(&str, &str)]) -> Result<String> {
        let dir = tempfile::tempdir()?;
        for (name, text) in files {
            fs::write(dir.path().join(name), text)?;
        }
        join_scripts(&dir.path().join("a.js"))
    }

    #[test]
    fn a_script_follows_those_that_it_imports() {
        let a = "// A.\nimport { b } from \"./b.js\";\nimport { c } from \"./c.js\";\n\nb(c);\n";
        let b = "import { c } from \"./c.js\";\nexport const b = (x) => c + x;\n";
        let c = "export const c = 1;\n";
        let text = joined(&[("a.js", a), ("b.js", b), ("c.js", c)]).unwrap();
        assert_eq!(text, "const c = 1;\nconst b = (x) => c + x;\nb(c);\n");
    }

    #[test]
    fn two_things_of_one_name_are_refused() {
        let a = "import { b } from \"./b.js\";\nlet x = b;\n";
        let error = joined(&[("a.js", a), ("b.js", "export const b = 1;\nasync function x() {}\n")]).unwrap_err();
        assert!(error.to_string().contains("`x` is the name"), "{error:#}");
    }
}
