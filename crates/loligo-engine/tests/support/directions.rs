//! Directions in which everything that enters a case's run moves, as the engine takes them.

use loligo_engine::{Direction, Gradient, Wanted};

use super::gradient::{self, Case};
use super::models::varied;

/// Numbers of both signs, the same in every run of the test.
fn signed(count: usize, seed: f64) -> Vec<f64> {
    varied(count, seed)
        .iter()
        .map(|f| 5.0 * (f - 1.0))
        .collect()
}

/// Everything that a case can be differentiated by.
pub fn everything(case: &Case) -> Wanted {
    Wanted {
        values: case.places().into_values().flatten().collect(),
        stimuli: !case.model.stimuli().is_empty(),
        clamps: !case.model.clamps().is_empty(),
    }
}

/// A direction in which all that is wanted moves by some thousandths of its size.
pub fn along(case: &Case, wanted: &Wanted, seed: f64) -> Direction {
    let steps = case.inputs.steps;
    let values = wanted.values.iter().zip(signed(wanted.values.len(), seed));
    let drives = |wanted: bool, count: usize| wanted.then(|| signed(count * steps, seed + 0.3));
    Direction {
        values: values
            .map(|(place, by)| 1e-3 * by * case.inputs.values[*place])
            .collect(),
        places: wanted.values.clone(),
        stimuli: drives(wanted.stimuli, case.model.stimuli().len()),
        clamps: drives(wanted.clamps, case.model.clamps().len()),
    }
}

/// The parts of a direction in which only one kind of number moves, by the name of that.
pub fn kinds(case: &Case, direction: &Direction) -> Vec<(String, Direction)> {
    let mut kinds = Vec::new();
    for (quantity, places) in case.places() {
        let of = |place: &usize| direction.places.iter().position(|p| p == place);
        let values = places.iter().filter_map(of).map(|i| direction.values[i]);
        kinds.push((
            case.model.quantity_name(quantity),
            Direction {
                values: values.collect(),
                places,
                ..Default::default()
            },
        ));
    }
    if direction.stimuli.is_some() {
        let direction = Direction {
            stimuli: direction.stimuli.clone(),
            ..Default::default()
        };
        kinds.push(("stimuli".to_owned(), direction));
    }
    if direction.clamps.is_some() {
        let direction = Direction {
            clamps: direction.clamps.clone(),
            ..Default::default()
        };
        kinds.push(("clamps".to_owned(), direction));
    }
    kinds
}

/// The part of a gradient that belongs to what moves along a direction, and how far that moves.
pub fn slopes_along(
    wanted: &Wanted,
    gradient: &Gradient,
    direction: &Direction,
) -> (Vec<f64>, Vec<f64>) {
    let of = |place: &usize| {
        let at = wanted.values.iter().position(|p| p == place);
        gradient.values[at.expect("wanted")]
    };
    let mut slopes: Vec<f64> = direction.places.iter().map(of).collect();
    let mut moves = direction.values.clone();
    for (part, moved) in [
        (&gradient.stimuli, &direction.stimuli),
        (&gradient.clamps, &direction.clamps),
    ] {
        if let (Some(part), Some(moved)) = (part, moved) {
            slopes.extend(part);
            moves.extend(moved);
        }
    }
    (slopes, moves)
}

/// A sum of products, and the size of its terms.
pub fn dot(a: &[f64], b: &[f64]) -> (f64, f64) {
    assert_eq!(a.len(), b.len());
    let products = a.iter().zip(b).map(|(a, b)| a * b);
    let size = products.clone().map(|p| p * p).sum::<f64>().sqrt();
    (products.sum(), size)
}

/// What moves along `direction`, as the tests of gradients say it.
pub fn moved(case: &Case, direction: &Direction) -> gradient::Direction {
    let steps = case.inputs.steps;
    let drives = |tangents: &Option<Vec<f64>>| {
        let tangents = tangents.iter().flatten().enumerate();
        tangents
            .map(|(at, tangent)| ((at / steps, at % steps), *tangent))
            .collect()
    };
    let places = direction.places.iter().copied();
    gradient::Direction {
        values: places.zip(direction.values.iter().copied()).collect(),
        stimuli: drives(&direction.stimuli),
        commands: drives(&direction.clamps),
    }
}
