//! Which vector instructions this machine has, which to use, and running code compiled for them.

use std::fmt;

use thiserror::Error;

use super::real::{Arithmetic, Fused, Separate};

/// A set of vector instructions that this machine has.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct VectorUnit(Instructions);

/// Every set of instructions that loops are compiled for, widest first.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Instructions {
    /// x86-64 with AVX-512 (F, DQ, VL): 512 bits.
    Avx512,
    /// x86-64 with AVX2 and FMA: 256 bits. Same bits as AVX-512.
    Avx2,
    /// 64-bit ARM: 128 bits, fused multiply–add. Same bits as AVX-512.
    Neon,
    /// What every machine has, without fused multiply–add: the last bits differ.
    Plain,
}

/// Why a vector unit cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum VectorUnitError {
    /// `LOLIGO_SIMD` names no unit.
    #[error("LOLIGO_SIMD={name} names no vector unit: it is one of avx512, avx2, neon, plain")]
    Unknown {
        /// What was given.
        name: String,
    },
    /// `LOLIGO_SIMD` names a unit that this machine lacks.
    #[error("LOLIGO_SIMD={unit}, but this machine has no {unit} unit; the widest here is {widest}")]
    Absent {
        /// What was asked for.
        unit: &'static str,
        /// What there is.
        widest: VectorUnit,
    },
}

/// Code that is compiled for each vector unit.
pub trait Vectorized {
    /// What it returns.
    type Output;
    /// Does the work. Mark it, and all that it calls, `#[inline(always)]`: what is not inlined is
    /// compiled for the oldest machine.
    fn run<A: Arithmetic>(self) -> Self::Output;
}

impl VectorUnit {
    /// The unit that `LOLIGO_SIMD` (`avx512`, `avx2`, `neon`, `plain`) names, else the widest one.
    ///
    /// # Errors
    /// [`VectorUnitError`] if the variable names no unit, or one that this machine lacks.
    pub fn detect() -> Result<Self, VectorUnitError> {
        match std::env::var_os("LOLIGO_SIMD") {
            Some(name) => Self::named(&name.to_string_lossy()),
            None => Ok(Self::widest()),
        }
    }

    /// The unit of that name.
    ///
    /// # Errors
    /// [`VectorUnitError`] as for [`detect`](Self::detect).
    pub fn named(name: &str) -> Result<Self, VectorUnitError> {
        let instructions = Instructions::ALL
            .into_iter()
            .find(|instructions| instructions.name().eq_ignore_ascii_case(name.trim()))
            .ok_or_else(|| VectorUnitError::Unknown { name: name.into() })?;
        if instructions.are_present() {
            Ok(Self(instructions))
        } else {
            Err(VectorUnitError::Absent {
                unit: instructions.name(),
                widest: Self::widest(),
            })
        }
    }

    /// The widest unit of this machine.
    pub fn widest() -> Self {
        Self::present().next().unwrap_or(Self(Instructions::Plain))
    }

    /// Every unit of this machine, widest first.
    pub fn present() -> impl Iterator<Item = Self> {
        Instructions::ALL
            .into_iter()
            .filter(|instructions| instructions.are_present())
            .map(Self)
    }

    /// Its name, as `LOLIGO_SIMD` takes it.
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// Whether it has fused multiply–add; all units that do compute the same bits.
    pub fn is_fused(self) -> bool {
        self.0 != Instructions::Plain
    }

    /// Runs `task`, compiled for this unit.
    #[inline]
    pub fn vectorize<V: Vectorized>(self, task: V) -> V::Output {
        match self.0 {
            // SAFETY: a unit is only ever made where its instructions are present.
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512 => unsafe { run_avx512(task) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx2 => unsafe { run_avx2(task) },
            // every 64-bit ARM has it, so there is nothing to enable
            #[cfg(target_arch = "aarch64")]
            Instructions::Neon => task.run::<Fused<32>>(),
            _ => task.run::<Separate>(),
        }
    }
}

/// # Safety
/// The machine must have these instructions.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx2,fma")]
unsafe fn run_avx512<V: Vectorized>(task: V) -> V::Output {
    task.run::<Fused<32>>()
}

/// # Safety
/// The machine must have these instructions.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn run_avx2<V: Vectorized>(task: V) -> V::Output {
    task.run::<Fused<16>>()
}

impl Instructions {
    const ALL: [Self; 4] = [Self::Avx512, Self::Avx2, Self::Neon, Self::Plain];

    fn are_present(self) -> bool {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => {
                Self::Avx2.are_present()
                    && std::arch::is_x86_feature_detected!("avx512f")
                    && std::arch::is_x86_feature_detected!("avx512dq")
                    && std::arch::is_x86_feature_detected!("avx512vl")
            }
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => {
                std::arch::is_x86_feature_detected!("avx2")
                    && std::arch::is_x86_feature_detected!("fma")
            }
            #[cfg(not(target_arch = "x86_64"))]
            Self::Avx512 | Self::Avx2 => false,
            Self::Neon => cfg!(target_arch = "aarch64"),
            Self::Plain => true,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Avx512 => "avx512",
            Self::Avx2 => "avx2",
            Self::Neon => "neon",
            Self::Plain => "plain",
        }
    }
}

impl fmt::Display for VectorUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_unit_is_an_error_that_lists_the_units() {
        let error = VectorUnit::named("sse9").unwrap_err();
        assert_eq!(
            error.to_string(),
            "LOLIGO_SIMD=sse9 names no vector unit: it is one of avx512, avx2, neon, plain"
        );
    }

    #[test]
    fn an_absent_unit_is_an_error_that_names_what_there_is() {
        let absent = Instructions::ALL
            .into_iter()
            .find(|instructions| !instructions.are_present())
            .expect("no machine has both AVX and NEON");
        let error = VectorUnit::named(absent.name()).unwrap_err();
        let (unit, widest) = (absent.name(), VectorUnit::widest());
        assert_eq!(error, VectorUnitError::Absent { unit, widest });
        assert!(error.to_string().contains(widest.name()));
    }

    #[test]
    fn plain_is_everywhere_and_names_are_read_in_any_case() {
        assert_eq!(
            VectorUnit::named(" Plain").map(VectorUnit::name),
            Ok("plain")
        );
    }
}
