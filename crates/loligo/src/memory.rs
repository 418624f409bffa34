//! How much memory gradients may take when nobody says.

use sysinfo::{MemoryRefreshKind, RefreshKind, System};

/// Bytes that a gradient may take by default: a quarter of what the control group of the process
/// allows, or else of what the machine has.
pub fn default_budget() -> usize {
    let refresh = RefreshKind::nothing().with_memory(MemoryRefreshKind::nothing().with_ram());
    let system = System::new_with_specifics(refresh);
    let machine = system.total_memory();
    let allowed = match system.cgroup_limits() {
        Some(limits) if limits.total_memory > 0 => limits.total_memory.min(machine),
        _ => machine,
    };
    usize::try_from(allowed / 4).unwrap_or(usize::MAX)
}
