//! Loops written once in safe code and compiled for every vector unit.

use super::real::{Arithmetic, Fused, Separate};
use super::unit::VectorUnit;

/// A loop over lanes. `run` must be `#[inline(always)]`, as must be what it calls: only then is it
/// compiled with the instructions of the unit.
pub(crate) trait Vectorized {
    /// What it returns.
    type Output;
    /// The loop, with the unit's way to multiply and add.
    fn run<A: Arithmetic>(self) -> Self::Output;
}

impl VectorUnit {
    /// Runs a loop on this unit, or with what every machine has if the unit is absent.
    pub(crate) fn vectorize<V: Vectorized>(self, work: V) -> V::Output {
        match self {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: the unit is present, by the guard.
            Self::Avx512 if self.is_present() => unsafe { avx512(work) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: the unit is present, by the guard.
            Self::Avx2 if self.is_present() => unsafe { avx2(work) },
            #[cfg(target_arch = "aarch64")]
            Self::Neon => work.run::<Fused>(),
            _ => work.run::<Separate>(),
        }
    }
}

/// # Safety
/// This machine must have AVX-512 F, DQ, VL and FMA.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx2,fma")]
unsafe fn avx512<V: Vectorized>(work: V) -> V::Output {
    work.run::<Fused>()
}

/// # Safety
/// This machine must have AVX2 and FMA.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn avx2<V: Vectorized>(work: V) -> V::Output {
    work.run::<Fused>()
}
