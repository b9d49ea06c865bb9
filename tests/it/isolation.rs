//! No app knows another, and an app's version changes without anything else.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use tests::{
    client::get,
    composer::pack,
    environment,
    html::Page,
    shop::{APPS, BffProcess, Shop},
};

#[test]
fn no_app_depends_on_another() -> Result<()> {
    let packages = locked()?;
    for app in APPS {
        for package in [format!("bff-{app}"), format!("fragments-{app}")] {
            let needed = needed_by(&package, &packages)?;
            ensure!(needed.contains("fragments-kit"), "{package} needs only {needed:?}");
            for other in APPS.into_iter().filter(|other| *other != app) {
                for foreign in [format!("bff-{other}"), format!("fragments-{other}")] {
                    ensure!(!needed.contains(foreign.as_str()), "{package} depends on {foreign}");
                }
            }
        }
    }
    Ok(())
}

#[derive(Deserialize)]
struct Lock {
    package: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    #[serde(default)]
    dependencies: Vec<String>,
}

/// What `cargo tree --edges=all --target=all --all-features` reads: every package and what it needs in any case.
fn locked() -> Result<Vec<Package>> {
    let text = std::fs::read_to_string(environment::workspace().join("Cargo.lock"))?;
    Ok(toml::from_str::<Lock>(&text)?.package)
}

fn needed_by<'a>(name: &str, packages: &'a [Package]) -> Result<BTreeSet<&'a str>> {
    let of = |name: &str| {
        let named = packages.iter().filter(|package| package.name == name);
        // `tower 0.5.3`, where there are several.
        let needs = named.flat_map(|package| &package.dependencies);
        needs.filter_map(|needed| needed.split(' ').next()).collect::<Vec<_>>()
    };
    let (mut found, mut open) = (BTreeSet::new(), of(name));
    ensure!(!open.is_empty(), "Cargo.lock has no `{name}`");
    while let Some(next) = open.pop() {
        if found.insert(next) {
            open.extend(of(next));
        }
    }
    Ok(found)
}

#[tokio::test]
async fn each_bff_runs_without_the_others() -> Result<()> {
    for (app, path, says) in [
        ("explore", "/fragments/header", "Stores"),
        ("decide", "/fragments/product?id=CL-01", "Old Barnaby"),
        ("checkout", "/fragments/mini-cart", "Cart"),
    ] {
        let bff = BffProcess::alone(app).await?;
        let base = format!("/_m/app/{app}@1.0.0");
        let fragment = get(bff.address()?, path).header("marquetry-base", &base).send().await?;
        ensure!(
            fragment.status == 200 && fragment.text().contains(says),
            "{app}: {} {}",
            fragment.status,
            fragment.text()
        );
    }
    Ok(())
}

#[tokio::test]
async fn an_app_gets_a_new_version_while_nothing_else_changes() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (source, assets) = (folder.path().join("source"), folder.path().join("assets"));
    copy(&environment::workspace().join("bff/decide"), &source)?;
    let packed = environment::dist()?.join("apps");
    unpack(&packed.join("decide"), &assets)?;
    let before = files(&source)?;
    let manifest = std::fs::read_to_string(source.join("marquetry.toml"))?;
    let released = manifest.replacen("version = \"1.0.0\"", "version = \"7.8.9\"", 1);
    std::fs::write(source.join("marquetry.toml"), released)?;
    let after = files(&source)?;
    let changed: Vec<_> = after
        .iter()
        .filter(|(file, bytes)| before.get(*file) != Some(*bytes))
        .collect();
    ensure!(
        changed.len() == 1 && after.len() == before.len(),
        "more than the manifest changed"
    );

    let out = folder.path().join("decide");
    pack(&source, Some(&assets), &out).await?;
    let shop = Shop::start_with(|app| if app == "decide" { out.clone() } else { packed.join(app) }).await?;
    let reply = shop.get("/product/CL-01").send().await?;
    ensure!(reply.status == 200, "{}", reply.status);
    let page = Page::parse(&reply.text());
    for (fragment, version) in [
        ("decide/product", "7.8.9"),
        ("checkout/mini-cart", "1.0.0"),
        ("explore/header", "1.0.0"),
    ] {
        let slot = page.slot(fragment)?;
        ensure!(
            slot.attribute("data-version") == version,
            "{fragment} is {}",
            slot.attribute("data-version")
        );
        ensure!(slot.state() == "fresh", "{fragment} is {}", slot.state());
    }
    ensure!(
        reply.text().contains("/_m/app/decide@7.8.9"),
        "the fragment has the base of its version"
    );
    Ok(())
}

#[derive(Deserialize)]
struct Asset {
    file: String,
    digest: String,
}

/// Puts the assets of a packed app back under their own names.
fn unpack(packed: &Path, out: &Path) -> Result<()> {
    let list = std::fs::read_to_string(packed.join("assets.json")).context("can't read assets.json")?;
    std::fs::create_dir_all(out)?;
    for asset in serde_json::from_str::<Vec<Asset>>(&list)? {
        let to = out.join(&asset.file);
        std::fs::create_dir_all(to.parent().context("a file lies in a folder")?)?;
        std::fs::copy(packed.join("assets").join(&asset.digest).join(&asset.file), to)?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    for (file, bytes) in files(from)? {
        let to = to.join(file);
        std::fs::create_dir_all(to.parent().context("a file lies in a folder")?)?;
        std::fs::write(to, bytes)?;
    }
    Ok(())
}

/// All files below a folder, by their path in it.
fn files(root: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let (mut found, mut folders) = (BTreeMap::new(), vec![root.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.strip_prefix(root)?.to_owned(), std::fs::read(&path)?);
            }
        }
    }
    Ok(found)
}
