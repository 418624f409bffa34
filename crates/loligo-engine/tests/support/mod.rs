//! What the tests of the engine share: a reference engine, complex numbers, models.

// every test binary takes what it needs
#![allow(dead_code)]

pub mod complex;
pub mod function;
pub mod gradient;
pub mod models;
pub mod reference;
