//! The layers of the house: which crate may use which, and that no two files of a crate import each other in a circle.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The crates from the ground up; each may use those of lower layers only.
const LAYERS: [&[&str]; 7] = [
    &["numerics", "lattice", "plot"],
    &["datasets"],
    &["ising-mc", "rbm-core"],
    &["temp-classifier", "rg-flow", "weight-analysis"],
    &["figures"],
    &["cli"],
    &["python"],
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The folders of all crates, by name.
fn crates() -> BTreeMap<String, PathBuf> {
    let entries = std::fs::read_dir(root().join("crates")).expect("the crates");
    let folders = entries.map(|entry| entry.expect("a folder").path());
    let crates = folders.filter(|folder| folder.join("Cargo.toml").exists());
    let named = |path: PathBuf| (path.file_name().expect("a name").to_string_lossy().into_owned(), path);
    crates.map(named).collect()
}

#[test]
fn crates_use_only_lower_layers() {
    let crates = crates();
    let layer = |name: &str| LAYERS.iter().position(|layer| layer.contains(&name));
    for (name, folder) in &crates {
        let own = layer(name).unwrap_or_else(|| panic!("`{name}` is in no layer"));
        let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).expect("a manifest");
        let dependencies = manifest.split_once("\n[dependencies]\n").map_or("", |(_, rest)| rest);
        let dependencies = dependencies.split("\n[").next().unwrap_or("");
        let used = dependencies.lines().filter_map(|line| line.split([' ', '.', '=']).next());
        for used in used.filter(|used| crates.contains_key(*used)) {
            assert!(layer(used).is_some_and(|layer| layer < own), "`{name}` must not use `{used}`");
        }
    }
    let xtask = std::fs::read_to_string(root().join("xtask/Cargo.toml")).expect("a manifest");
    for name in crates.keys() {
        assert!(!xtask.lines().any(|line| line.starts_with(name.as_str())), "`xtask` must not use `{name}`");
    }
}

/// The path of a module within its crate.
type Module = Vec<String>;

/// The modules of a crate with the text of each file, without comments and unit tests.
fn modules(source: &Path) -> BTreeMap<Module, String> {
    let mut modules = BTreeMap::new();
    let mut open = vec![source.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let within = path.strip_prefix(source).expect("below the source").with_extension("");
                let mut module: Module =
                    within.iter().map(|part| part.to_string_lossy().into_owned()).collect();
                module.retain(|part| part != "mod" && part != "lib");
                let text = std::fs::read_to_string(&path).expect("a source file");
                let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
                let code = text.lines().map(|line| line.split("//").next().unwrap_or_default());
                modules.insert(module, code.collect::<Vec<_>>().join("\n"));
            }
        }
    }
    modules
}

/// The paths of a tree such as `a::{b, c::d as e}`.
fn paths(tree: &str) -> Vec<String> {
    let Some((before, rest)) = tree.split_once('{') else {
        return vec![tree.split(" as ").next().unwrap_or_default().trim().to_owned()];
    };
    let inner = rest.trim().strip_suffix('}').unwrap_or(rest);
    let (mut depth, mut parts) = (0, vec![String::new()]);
    for c in inner.chars() {
        depth += i32::from(c == '{') - i32::from(c == '}');
        match c {
            ',' if depth == 0 => parts.push(String::new()),
            c => parts.last_mut().expect("a part").push(c),
        }
    }
    let nested = parts.iter().filter(|part| !part.trim().is_empty()).flat_map(|part| paths(part.trim()));
    nested.map(|path| before.trim().to_owned() + &path).collect()
}

/// The imports of a file as paths from the root of its crate, and whether each is handed on.
fn imports(module: &Module, code: &str, modules: &BTreeMap<Module, String>) -> Vec<(Module, bool)> {
    let mut found = vec![];
    for statement in code.split(';') {
        let Some((before, tree)) = statement.rsplit_once("use ") else { continue };
        let before = before.lines().last().unwrap_or_default().trim();
        if !(before.is_empty() || before.starts_with("pub")) {
            continue;
        }
        for path in paths(tree) {
            let mut parts: Module = path.split("::").map(|part| part.trim().to_owned()).collect();
            let mut base = module.clone();
            let mut relative = true;
            match parts[0].as_str() {
                "crate" => {
                    base.clear();
                    parts.remove(0);
                }
                "self" => drop(parts.remove(0)),
                "super" => {
                    while parts.first().is_some_and(|part| part == "super") {
                        parts.remove(0);
                        base.pop();
                    }
                }
                _ => relative = false,
            }
            base.push(parts.first().cloned().unwrap_or_default());
            // A name without `crate` or `super` is a child, or another crate.
            if relative || modules.contains_key(&base) {
                base.extend(parts.into_iter().skip(1));
                found.push((base, before.starts_with("pub")));
            }
        }
    }
    found
}

/// The files that a file imports, but for those around it: a child may use what its parent defines.
fn edges(source: &Path) -> BTreeMap<Module, BTreeSet<Module>> {
    let modules = modules(source);
    let imported: BTreeMap<&Module, Vec<(Module, bool)>> =
        modules.iter().map(|(module, code)| (module, imports(module, code, &modules))).collect();
    let file_of = |mut path: Module| loop {
        let length =
            (0..=path.len()).rev().find(|&length| modules.contains_key(&path[..length])).unwrap_or(0);
        let (module, rest) = (path[..length].to_vec(), path[length..].to_vec());
        let handed_on = imported.get(&module).into_iter().flatten().find(|(target, handed_on)| {
            *handed_on && rest.first().is_some_and(|name| target.last() == Some(name)) && *target != path
        });
        match handed_on {
            Some((target, _)) => path = target.iter().chain(rest.iter().skip(1)).cloned().collect(),
            None => return module,
        }
    };
    let of_module = |(module, paths): (&&Module, &Vec<(Module, bool)>)| {
        let files = paths.iter().map(|(path, _)| file_of(path.clone()));
        ((*module).clone(), files.filter(|file| !module.starts_with(file)).collect())
    };
    imported.iter().map(of_module).collect()
}

/// The files that can be reached from a file.
fn reached(from: &Module, edges: &BTreeMap<Module, BTreeSet<Module>>) -> BTreeSet<Module> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<&Module> = edges.get(from).into_iter().flatten().collect();
    while let Some(next) = open.pop() {
        if reached.insert(next.clone()) {
            open.extend(edges.get(next).into_iter().flatten());
        }
    }
    reached
}

#[test]
fn files_import_each_other_in_no_circle() {
    let mut circles = vec![];
    for (name, folder) in crates() {
        let edges = edges(&folder.join("src"));
        assert!(edges.values().any(|files| !files.is_empty()) || edges.len() < 3, "no imports in `{name}`");
        let reached: BTreeMap<&Module, _> =
            edges.keys().map(|module| (module, reached(module, &edges))).collect();
        let circular = |a: &Module, b: &Module| reached[a].contains(b) && reached[b].contains(a);
        for module in edges.keys().filter(|module| circular(module, module)) {
            let others = edges[module].iter().filter(|other| circular(module, other));
            let others: Vec<String> = others.map(|other| other.join("::")).collect();
            circles.push(format!("{name}: {} -> {}", module.join("::"), others.join(", ")));
        }
    }
    assert!(circles.is_empty(), "circles of imports:\n{}", circles.join("\n"));
}

#[test]
fn circles_are_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("writable");
        std::fs::write(path, text).expect("writable");
    };
    write("lib.rs", "mod a;\nmod b;\npub use a::{A, inner::Inner};\n");
    write("a/mod.rs", "pub mod inner;\nuse crate::b::{self as other, B};\npub struct A;\n");
    write("a/inner.rs", "use super::A; // the parent\npub struct Inner;\n");
    write("b.rs", "use std::fmt::Write as _;\n// use crate::a::A;\npub struct B;\n");
    let module = |name: &str| name.split("::").map(str::to_owned).collect::<Module>();
    let found = edges(folder.path());
    assert_eq!(found[&module("a")], BTreeSet::from([module("b")]));
    assert!(!reached(&module("a"), &found).contains(&module("a")));
    // Through the root, which hands it on.
    write("b.rs", "use crate::Inner;\npub struct B;\n");
    write("a/inner.rs", "use crate::a::other;\nuse crate::b::B;\npub struct Inner;\n");
    let found = edges(folder.path());
    assert!(reached(&module("b"), &found).contains(&module("b")));
}

/// Files and folders of the repository that the documents name are there.
#[test]
fn documents_name_what_exists() {
    for document in ["CONTRIBUTING.md", "docs/architecture.md"] {
        let text = std::fs::read_to_string(root().join(document)).expect("a document");
        let quoted = text.split('`').skip(1).step_by(2);
        let paths: Vec<&str> =
            quoted.filter(|name| name.starts_with("crates/") || name.starts_with("tests/")).collect();
        assert!(!paths.is_empty(), "{document} names nothing");
        for path in paths {
            let found = [root().join(path), root().join(path).with_extension("rs")].iter().any(|path| path.exists())
                // Tests of a crate, named after the crate's file.
                || crates().values().any(|folder| folder.join(path).exists());
            assert!(found, "{document}: `{path}` does not exist");
        }
    }
}
