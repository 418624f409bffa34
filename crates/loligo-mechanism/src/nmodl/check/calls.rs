//! What blocks and routines do by themselves, and through the routines that they call.

use std::collections::{BTreeMap, BTreeSet};

use super::super::ast::Name;
use super::super::diagnostics::{Diagnostic, Problem, Span};

/// Routines that call routines: deeper chains are refused.
const CALL_DEPTH_LIMIT: usize = 40;

/// What one block does by itself.
#[derive(Debug, Default)]
pub(super) struct Found<'p> {
    pub(super) assigns: BTreeSet<&'p str>,
    pub(super) calls: BTreeSet<&'p str>,
    pub(super) solves: BTreeSet<&'p str>,
    /// The first C code in it that has no meaning here.
    pub(super) verbatim: Option<Span>,
}

impl<'p> Found<'p> {
    /// Adds what this block assigns, itself and through its calls.
    pub(super) fn collect(
        &self,
        routines: &BTreeMap<&'p str, Found<'p>>,
        into: &mut BTreeSet<&'p str>,
    ) {
        into.extend(&self.assigns);
        let mut pending: Vec<&str> = self.calls.iter().copied().collect();
        let mut visited: BTreeSet<&str> = BTreeSet::new();
        while let Some(name) = pending.pop() {
            if let Some(found) = routines.get(name).filter(|_| visited.insert(name)) {
                into.extend(&found.assigns);
                pending.extend(&found.calls);
            }
        }
    }
}

/// No routine may call itself, and chains of calls are short.
pub(super) fn finite<'p>(
    name: &Name,
    routines: &BTreeMap<&'p str, Found<'p>>,
) -> Result<(), Diagnostic> {
    // walk depth first, without revisiting: every routine is a start of its own
    let (mut chain, mut visited) = (Vec::new(), BTreeSet::new());
    search(name, &name.text, routines, &mut chain, &mut visited)
}

fn search<'p>(
    start: &Name,
    current: &str,
    routines: &BTreeMap<&'p str, Found<'p>>,
    chain: &mut Vec<&'p str>,
    visited: &mut BTreeSet<&'p str>,
) -> Result<(), Diagnostic> {
    if chain.len() > CALL_DEPTH_LIMIT {
        let limit = CALL_DEPTH_LIMIT;
        return Err(Diagnostic::new(start.span, Problem::TooDeep { limit }));
    }
    let Some(found) = routines.get(current) else {
        return Ok(());
    };
    for &callee in &found.calls {
        if callee == start.text {
            let through = chain.iter().copied().chain([callee]);
            return Err(Diagnostic::new(
                start.span,
                Problem::Recursive {
                    name: start.text.clone(),
                    through: through.collect::<Vec<_>>().join(", "),
                },
            ));
        }
        if visited.insert(callee) {
            chain.push(callee);
            search(start, callee, routines, chain, visited)?;
            chain.pop();
        }
    }
    Ok(())
}

/// The routines that no block calls; one that is called must have a meaning.
pub(super) fn uncalled<'p>(
    routines: &BTreeMap<&'p str, Found<'p>>,
    blocks: Vec<Found<'p>>,
) -> Result<BTreeSet<&'p str>, Diagnostic> {
    let mut uncalled: BTreeSet<&'p str> = routines.keys().copied().collect();
    let mut pending: Vec<&Found<'p>> = blocks.iter().collect();
    while let Some(found) = pending.pop() {
        if let Some(span) = found.verbatim {
            let advice = "C code has no meaning here; write it in NMODL";
            return Err(Diagnostic::unsupported(span, "VERBATIM", advice));
        }
        for name in found.calls.iter().chain(&found.solves) {
            if let Some(callee) = routines.get(name).filter(|_| uncalled.remove(name)) {
                pending.push(callee);
            }
        }
    }
    Ok(uncalled)
}
