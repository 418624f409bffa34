//! Random numbers that depend on nothing but what they are for.
//!
//! Philox4x32-10 (Salmon JK, Moraes MA, Dror RO, Shaw DE (2011) Parallel random numbers: as easy as
//! 1, 2, 3. Proc SC11) turns a key and a counter into bits. The key is the seed of the run, the
//! counter says which number of it is meant: so a step that is computed once more, in any order and
//! on any thread, draws the same numbers.

/// Which random number of a run is meant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Which {
    /// Compartment of the model.
    pub(crate) compartment: usize,
    /// Position of the mechanism in the model.
    pub(crate) mechanism: usize,
    /// Position among the mechanism's draws.
    pub(crate) draw: usize,
    /// 0 for the start, else the step and one more.
    pub(crate) moment: u64,
}

/// A number between 0 and 1, both excluded.
pub(crate) fn uniform(seed: u64, which: Which) -> f64 {
    let low = |number: u64| number as u32;
    let high = |number: u64| (number >> 32) as u32;
    let owner = (which.mechanism as u32).rotate_left(16) ^ which.draw as u32;
    let counter = [
        low(which.moment),
        high(which.moment),
        which.compartment as u32,
        owner,
    ];
    let [a, b, ..] = philox([low(seed), high(seed)], counter);
    let bits = (u64::from(a) << 32 | u64::from(b)) >> 11;
    (bits as f64 + 0.5) * 2f64.powi(-53)
}

/// Ten rounds.
fn philox(mut key: [u32; 2], mut counter: [u32; 4]) -> [u32; 4] {
    for _ in 0..10 {
        let first = u64::from(counter[0]) * 0xD251_1F53;
        let second = u64::from(counter[2]) * 0xCD9E_8D57;
        counter = [
            (second >> 32) as u32 ^ counter[1] ^ key[0],
            second as u32,
            (first >> 32) as u32 ^ counter[3] ^ key[1],
            first as u32,
        ];
        key = [
            key[0].wrapping_add(0x9E37_79B9),
            key[1].wrapping_add(0xBB67_AE85),
        ];
    }
    counter
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The known answers that the authors publish with their implementation.
    #[test]
    fn bits_are_those_of_the_paper() {
        let all = u32::MAX;
        assert_eq!(
            philox([0; 2], [0; 4]),
            [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]
        );
        assert_eq!(
            philox([all; 2], [all; 4]),
            [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
        );
    }

    #[test]
    fn numbers_are_even_between_0_and_1() {
        let number = |moment| {
            let which = Which {
                compartment: 3,
                mechanism: 1,
                draw: 2,
                moment,
            };
            uniform(7, which)
        };
        let numbers: Vec<f64> = (0..100_000).map(number).collect();
        assert!(numbers.iter().all(|number| *number > 0.0 && *number < 1.0));
        let count = numbers.len() as f64;
        let mean = numbers.iter().sum::<f64>() / count;
        let square = numbers.iter().map(|number| number * number).sum::<f64>() / count;
        // five standard errors of the mean, √(1/12n), and of the mean square, √(4/45n)
        assert!((mean - 0.5).abs() < 5.0 * (1.0 / (12.0 * count)).sqrt());
        assert!((square - 1.0 / 3.0).abs() < 5.0 * (4.0 / (45.0 * count)).sqrt());
    }

    #[test]
    fn each_coordinate_gives_another_number() {
        let which = Which {
            compartment: 0,
            mechanism: 0,
            draw: 0,
            moment: 0,
        };
        let numbers = [
            uniform(0, which),
            uniform(1, which),
            uniform(1 << 32, which),
            uniform(
                0,
                Which {
                    compartment: 1,
                    ..which
                },
            ),
            uniform(
                0,
                Which {
                    mechanism: 1,
                    ..which
                },
            ),
            uniform(0, Which { draw: 1, ..which }),
            uniform(0, Which { moment: 1, ..which }),
            uniform(
                0,
                Which {
                    moment: 1 << 32,
                    ..which
                },
            ),
        ];
        for (index, number) in numbers.iter().enumerate() {
            assert!(!numbers[..index].contains(number), "{index}");
        }
    }
}
