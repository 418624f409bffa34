//! Which synapses can be folded onto their sources: those whose current, as a line in the voltage of
//! the compartment that they are onto, is a sum of products of a number of the synapse and of
//! something that only the compartment before it decides.
//!
//! A number of the mechanism that stands in a product is a *weight*, and synapses may differ in it.
//! What enters a state, or a function that is no product, must be the same for all synapses of a
//! source, and is *shared*.

use std::collections::{BTreeSet, HashMap};

use loligo_mechanism::graph::{Binary, Expr, Graph, Node, Symbol, Unary};
use loligo_mechanism::mechanism::{PRESYNAPTIC, VOLTAGE};
use loligo_mechanism::membrane::Membrane;

use crate::code::TIME;

/// More products than these are not worth it.
const MOST: usize = 4;

/// A mechanism whose synapses can be folded.
pub(super) struct Folded {
    /// What a source does: it has states only, whose `v` is the voltage of its compartment.
    pub(super) sources: Membrane,
    /// For each product the name of the state that is its factor.
    pub(super) factors: Vec<String>,
    /// What a synapse adds of each product to the drive and to the slope, one after the other.
    pub(super) weights: Vec<Expr>,
    /// Symbols of what the synapses of a source must share.
    pub(super) shared: Vec<String>,
}

/// Folds the synapses of a membrane, if it can be done; `is_own` says which symbols are numbers that
/// each synapse has.
pub(super) fn fold(mut membrane: Membrane, is_own: &dyn Fn(&str) -> bool) -> Option<Folded> {
    let has_only_updates = |m: &Membrane| {
        let mut states = m.states.iter();
        states.all(|s| s.pumped.is_none() && s.diffusion.is_none())
    };
    if membrane.voltage.is_some() || !membrane.draws.is_empty() || !has_only_updates(&membrane) {
        return None;
    }
    let line = membrane.line();
    let states = membrane.states.iter();
    let states = states.flat_map(|s| [Some(s.initial), Some(s.updated), s.kept]);
    let states: Vec<Expr> = states.flatten().collect();
    let graph = &mut membrane.graph;
    let of_target = |expr: &Expr| graph.mentions(*expr, VOLTAGE);
    if line.iter().chain(&states).any(of_target) {
        return None;
    }
    let own = |exprs: &[Expr]| -> BTreeSet<Symbol> {
        let symbols = graph.symbols_of(exprs).into_iter();
        symbols.filter(|s| is_own(graph.name(*s))).collect()
    };
    let (all, mut shared) = (own(&line), own(&states));
    let names = membrane.states.iter().map(|state| state.name.as_str());
    let varying = names.chain([PRESYNAPTIC, TIME]);
    let varying: BTreeSet<Symbol> = varying.filter_map(|n| graph.find_symbol(n)).collect();
    let products = loop {
        let mut split = Split {
            own: all.difference(&shared).copied().collect(),
            graph,
            varying: &varying,
            entangled: BTreeSet::new(),
            known: HashMap::new(),
        };
        let [slope, drive] = line.map(|part| split.terms(part));
        if split.entangled.is_empty() {
            break products(graph, &slope, &drive);
        }
        shared.append(&mut split.entangled);
    };
    if products.len() > MOST {
        return None;
    }
    let shared = shared.iter().map(|s| graph.name(*s).to_owned()).collect();
    let factors = products.iter().enumerate();
    let factors = factors.map(|(index, (factor, _))| factor_state(&mut membrane, index, *factor));
    let factors = factors.collect();
    see_from_source(&mut membrane);
    Some(Folded {
        sources: membrane,
        factors,
        weights: products.iter().flat_map(|(_, weights)| *weights).collect(),
        shared,
    })
}

/// The name of the state that a factor is, or of one that is made for it.
fn factor_state(membrane: &mut Membrane, index: usize, factor: Expr) -> String {
    let graph = &membrane.graph;
    let mut states = membrane.states.iter();
    let itself = states.find(|state| {
        let symbol = graph.find_symbol(&state.name);
        state.kept.is_none() && symbol.map(Node::Symbol) == Some(graph.node(factor))
    });
    if let Some(state) = itself {
        return state.name.clone();
    }
    let name = format!("factor{index}");
    membrane.leave(&name, factor);
    name
}

/// Lets states read the voltage before the synapse as that of the compartment which they are in.
fn see_from_source(membrane: &mut Membrane) {
    let graph = &mut membrane.graph;
    let [pre, v] = [PRESYNAPTIC, VOLTAGE].map(|name| graph.symbol(name));
    let here = HashMap::from([(pre, v)]);
    for state in &mut membrane.states {
        let mut parts = vec![&mut state.updated];
        parts.extend(&mut state.kept);
        for part in parts {
            *part = graph.substitute(&[*part], &here)[0];
        }
    }
    membrane.currents.clear();
}

/// Numbers of a synapse, each with what it is multiplied by.
type Terms = Vec<(Expr, Expr)>;

/// By factor the weights of drive and slope.
fn products(graph: &mut Graph, slope: &Terms, drive: &Terms) -> Vec<(Expr, [Expr; 2])> {
    let none = graph.constant(0.0);
    let mut products: Vec<(Expr, [Expr; 2])> = Vec::new();
    for (side, terms) in [(1, slope), (0, drive)] {
        for &(weight, factor) in terms {
            let known = products.iter().position(|(known, _)| *known == factor);
            let at = known.unwrap_or_else(|| {
                products.push((factor, [none; 2]));
                products.len() - 1
            });
            let sum = &mut products[at].1[side];
            *sum = graph.add(*sum, weight);
        }
    }
    products
}

/// Takes an expression apart into products.
struct Split<'g> {
    graph: &'g mut Graph,
    /// Numbers in which the synapses of a source may differ.
    own: BTreeSet<Symbol>,
    /// What changes from step to step.
    varying: &'g BTreeSet<Symbol>,
    /// Numbers that turned out to stand in no product.
    entangled: BTreeSet<Symbol>,
    known: HashMap<Expr, Terms>,
}

impl Split<'_> {
    fn terms(&mut self, expr: Expr) -> Terms {
        if let Some(known) = self.known.get(&expr) {
            return known.clone();
        }
        let terms = self.split(expr);
        self.known.insert(expr, terms.clone());
        terms
    }

    fn split(&mut self, expr: Expr) -> Terms {
        let one = self.graph.constant(1.0);
        let symbols = self.graph.symbols_of(&[expr]);
        if !symbols.iter().any(|s| self.varying.contains(s)) {
            return vec![(expr, one)];
        }
        if !symbols.iter().any(|s| self.own.contains(s)) {
            return vec![(one, expr)];
        }
        let found = match self.graph.node(expr) {
            Node::Unary(Unary::Neg, a) => Some(self.negated(a)),
            Node::Binary(Binary::Add, a, b) => Some([self.terms(a), self.terms(b)].concat()),
            Node::Binary(Binary::Sub, a, b) => Some([self.terms(a), self.negated(b)].concat()),
            Node::Binary(Binary::Mul, a, b) => Some(self.multiplied(a, b)),
            Node::Binary(Binary::Div, a, b) => self.divided(a, b),
            _ => None,
        };
        found
            .filter(|terms| terms.len() <= MOST)
            .unwrap_or_else(|| {
                let numbers = symbols.into_iter().filter(|s| self.own.contains(s));
                self.entangled.extend(numbers);
                vec![(one, expr)]
            })
    }

    fn negated(&mut self, a: Expr) -> Terms {
        let terms = self.terms(a).into_iter();
        terms
            .map(|(weight, factor)| (self.graph.neg(weight), factor))
            .collect()
    }

    fn multiplied(&mut self, a: Expr, b: Expr) -> Terms {
        let (left, right) = (self.terms(a), self.terms(b));
        let pairs = left.iter().flat_map(|l| right.iter().map(move |r| (l, r)));
        pairs
            .map(|(l, r)| (self.graph.mul(l.0, r.0), self.graph.mul(l.1, r.1)))
            .collect()
    }

    /// A quotient is taken apart where it is divided by a product.
    fn divided(&mut self, a: Expr, b: Expr) -> Option<Terms> {
        let below = self.terms(b);
        let [(weight, factor)] = below[..] else {
            return None;
        };
        let above = self.terms(a).into_iter();
        let quotient = |(w, f)| (self.graph.div(w, weight), self.graph.div(f, factor));
        Some(above.map(quotient).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use loligo_mechanism::Mechanism;
    use loligo_mechanism::builder::MechanismBuilder;
    use loligo_mechanism::membrane::{Rules, Slope};

    fn folded(mechanism: &Mechanism, slope: Slope) -> Option<Folded> {
        let rules = Rules {
            slope,
            ..Rules::NATIVE
        };
        let membrane = Membrane::new(&[mechanism], rules).expect("a membrane");
        let own = |symbol: &str| {
            let mut parameters = mechanism.parameters.iter();
            parameters.any(|p| symbol == format!("{}.{}", mechanism.name, p.name))
        };
        fold(membrane, &own)
    }

    fn synapse() -> MechanismBuilder {
        MechanismBuilder::synapse("it")
            .parameter("g", 1e-3, "uS")
            .parameter("e", 0.0, "mV")
            .parameter("k", 0.1, "/ms")
            .state(
                "s",
                |s| s.get("k") * 0.0,
                |s| s.get("k") * (s.v_pre() - s.get("s")),
            )
    }

    #[test]
    fn a_conductance_and_its_reversal_potential_weigh_a_state() {
        let synapse = synapse().current("i", |s| s.get("g") * s.get("s") * (s.v() - s.get("e")));
        let synapse = synapse.build().expect("a synapse");
        for slope in [Slope::Exact, Slope::Secant, Slope::SecantOfBothSides] {
            let folded = folded(&synapse, slope).expect("it can be folded");
            assert_eq!(folded.factors, ["it.s"]);
            assert_eq!(folded.shared, ["it.k"]);
            let graph = &folded.sources.graph;
            let at = |name: &str| match name {
                "it.g" => 2.0,
                "it.e" => -3.0,
                other => panic!("{other} is not needed"),
            };
            assert_eq!(graph.evaluate(&folded.weights, &at), [-6.0, 2.0]);
        }
    }

    #[test]
    fn a_number_within_a_function_is_shared() {
        let synapse = synapse().current("i", |s| {
            let open = ((s.v_pre() - s.get("e")) * 0.1).tanh();
            s.get("g") * (open / s.get("k")) / 2.0
        });
        let synapse = synapse.build().expect("a synapse");
        let folded = folded(&synapse, Slope::Exact).expect("it can be folded");
        // the hyperbolic tangent is a quotient, of which each part above is a factor
        let made = |name: &String| name.starts_with("factor");
        assert!(folded.factors.iter().all(made), "{:?}", folded.factors);
        let shared: BTreeSet<&str> = folded.shared.iter().map(String::as_str).collect();
        assert_eq!(shared, BTreeSet::from(["it.e", "it.k"]));
    }

    #[test]
    fn the_voltage_behind_a_synapse_enters_nothing_but_the_line() {
        let blocked = synapse().current("i", |s| s.get("g") * s.get("s") * s.v().tanh());
        let driven = MechanismBuilder::synapse("it")
            .parameter("g", 1e-3, "uS")
            .state("s", |s| s.get("g") * 0.0, |s| s.v() - s.get("s"))
            .current("i", |s| s.get("g") * s.get("s"));
        for synapse in [blocked, driven] {
            let synapse = synapse.build().expect("a synapse");
            assert!(folded(&synapse, Slope::Exact).is_none());
        }
    }

    /// Jaxley moves both voltages, so that the slope of what reads both depends on both.
    #[test]
    fn a_secant_of_both_sides_is_no_product() {
        let synapse = synapse().current("i", |s| s.get("g") * s.v_pre() * s.v());
        let synapse = synapse.build().expect("a synapse");
        assert!(folded(&synapse, Slope::Exact).is_some());
        assert!(folded(&synapse, Slope::SecantOfBothSides).is_none());
    }
}
