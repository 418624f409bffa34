//! What KINETIC asks of units: amounts that are the same on both sides of a reaction, and rates that
//! make a flux of them.

use std::collections::HashMap;

use super::super::ast::{Expression, Name, Rates, Reaction, Term};
use super::Checker;
use super::inferred::{Agreement, Units};

impl<'p> Checker<'p> {
    /// COMPARTMENT: the volume makes amounts of concentrations.
    pub(super) fn compartment(
        &mut self,
        counter: Option<&'p Name>,
        volume: &'p Expression,
        states: &'p [Name],
    ) {
        let counter = counter.map(|name| (name.text.as_str(), Units::Unknown));
        self.scopes.push(HashMap::from_iter(counter));
        let volume = self.formula(volume);
        self.scopes.pop();
        for state in states {
            self.volumes.insert(&state.text, volume.clone());
        }
    }

    /// LONGITUDINAL_DIFFUSION: diffusion constant times cross section.
    pub(super) fn diffusion(&mut self, counter: Option<&'p Name>, conductivity: &'p Expression) {
        let counter = counter.map(|name| (name.text.as_str(), Units::Unknown));
        self.scopes.push(HashMap::from_iter(counter));
        let found = self.formula(conductivity);
        self.scopes.pop();
        let expected = self.declared.fixed("um4/ms");
        let what = "diffusion constant times cross section";
        self.compare(what, &expected, &found, conductivity.span);
    }

    /// The amount of a state: its concentration times the volume that it is in.
    fn amount(&self, term: &Term) -> Units {
        let concentration = self.variable(&term.name.text);
        match self.volumes.get(term.name.text.as_str()) {
            Some(volume) => concentration.times(volume.clone(), 1),
            None => concentration,
        }
    }

    pub(super) fn conserve(&mut self, terms: &'p [Term], total: &'p Expression) {
        let amount = self.same_amounts(terms);
        let found = self.formula(total);
        self.compare("what is conserved", &amount, &found, total.span);
    }

    pub(super) fn reaction(&mut self, reaction: &'p Reaction) {
        let amount = self.same_amounts(reaction.left.iter().chain(&reaction.right));
        let flux = amount.times(self.declared.fixed("ms"), -1);
        match &reaction.rates {
            Rates::BothWays(forward, backward) => {
                self.rate(forward, &reaction.left, &flux);
                self.rate(backward, &reaction.right, &flux);
            }
            Rates::OneWay(rate) => self.rate(rate, &reaction.left, &flux),
            Rates::Into(inflow) => {
                let found = self.formula(inflow);
                self.compare("a flux into this", &flux, &found, inflow.span);
            }
        }
    }

    /// A rate times the concentrations of what reacts must be a flux.
    fn rate(&mut self, rate: &'p Expression, reactants: &'p [Term], flux: &Units) {
        let found = self.formula(rate);
        let mut expected = flux.clone();
        for term in reactants {
            let concentration = self.variable(&term.name.text);
            expected = expected.times(concentration.powered(term.count), -1);
        }
        self.compare("the rate of this reaction", &expected, &found, rate.span);
    }

    /// The units of amounts, which must be those of all terms; unknown if they are not.
    fn same_amounts(&mut self, terms: impl IntoIterator<Item = &'p Term>) -> Units {
        let mut first: Option<(&str, Units)> = None;
        let mut differ = false;
        for term in terms {
            let amount = self.amount(term);
            match &first {
                None => first = Some((&term.name.text, amount)),
                Some((name, expected)) => {
                    let what = format!("the amount of `{name}`");
                    let expected = expected.clone();
                    differ |= amount.agreement(&expected) != Agreement::Fits;
                    self.compare(&what, &expected, &amount, term.name.span);
                }
            }
        }
        let amount = first.filter(|_| !differ);
        amount.map_or(Units::Unknown, |(_, amount)| amount)
    }
}
