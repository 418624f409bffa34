//! What the tests of the engine share: a reference engine, numbers with derivatives, models.

// every test binary takes what it needs
#![allow(dead_code)]

pub mod complex;
pub mod directions;
pub mod function;
pub mod gradient;
pub mod hyper;
pub mod models;
pub mod quadratic;
pub mod reference;
pub mod samples;
