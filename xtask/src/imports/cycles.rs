//! Cycles among files, and among the siblings of a module, each with all that is below it.

use std::{collections::BTreeMap, fmt};

use petgraph::{algo::kosaraju_scc, graphmap::DiGraphMap};

use super::modules::Modules;

/// Modules that import one another, and by what.
pub(super) struct Cycle {
    members: Vec<String>,
    imports: Vec<String>,
}

/// From, to, and the import.
type Edge<'a> = (&'a [String], &'a [String], String);

/// Two kinds: files that import one another, other than a parent and its child; and rooms that do. A room is a module with
/// all that is below it.
pub(super) fn find(modules: &Modules) -> Vec<Cycle> {
    let imports = modules.imports();
    let names = |file: usize| &modules.files()[file].1;
    // For each parent, between which of its children something is imported.
    let mut levels: BTreeMap<&[String], Vec<Edge<'_>>> = BTreeMap::new();
    let mut files = Vec::new();
    for ((from, to), path) in &imports {
        let (from, to) = (names(*from), names(*to));
        let line = format!("    {} imports {path} of {}", shown(from), shown(to));
        if !is_parent(from, to) && !is_parent(to, from) {
            files.push((from.as_slice(), to.as_slice(), line.clone()));
        }
        let common = from.iter().zip(to).take_while(|(a, b)| a == b).count();
        if common < from.len() && common < to.len() {
            let level = levels.entry(&from[..common]).or_default();
            level.push((room(from, common), room(to, common), line));
        }
    }
    let mut found: Vec<Cycle> = levels.into_values().flat_map(|level| cycles_of(&level)).collect();
    found.extend(cycles_of(&files));
    found.sort_by(|a, b| a.members.cmp(&b.members));
    found.dedup_by(|a, b| a.members == b.members);
    found
}

/// The room of a module at a level. Generated code is together because one tool writes it, so each file of it is a room.
fn room(names: &[String], level: usize) -> &[String] {
    let is_generated = names[level] == "generated";
    &names[..names.len().min(level + 1 + usize::from(is_generated))]
}

fn is_parent(parent: &[String], child: &[String]) -> bool {
    child.split_last().is_some_and(|(_, above)| above == parent)
}

fn cycles_of(edges: &[Edge<'_>]) -> Vec<Cycle> {
    let mut graph: DiGraphMap<&[String], ()> = DiGraphMap::new();
    for (from, to, _) in edges {
        graph.add_edge(from, to, ());
    }
    let mut found = Vec::new();
    for members in kosaraju_scc(&graph)
        .into_iter()
        .filter(|members| members.len() > 1)
    {
        let inside = edges
            .iter()
            .filter(|(from, to, _)| members.contains(from) && members.contains(to));
        let mut names: Vec<String> = members.iter().map(|member| shown(member)).collect();
        names.sort();
        found.push(Cycle {
            imports: inside.map(|(_, _, line)| line.clone()).collect(),
            members: names,
        });
    }
    found
}

fn shown(module: &[String]) -> String {
    match module {
        [] => "the root".to_owned(),
        names => names.join("::"),
    }
}

impl fmt::Display for Cycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "  cycle of {}: {}",
            self.members.len(),
            self.members.join(", ")
        )?;
        self.imports.iter().try_for_each(|line| write!(f, "\n{line}"))
    }
}
