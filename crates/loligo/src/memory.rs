//! Memory: how much gradients may take when nobody says, and how much is taken.

use std::sync::LazyLock;

use sysinfo::{
    MemoryRefreshKind, Process, ProcessRefreshKind, ProcessesToUpdate, RefreshKind, System,
};

/// Bytes that a gradient may take by default: a quarter of what the control group of the process
/// allows, or else of what the machine has, when this is first asked.
pub fn default_budget() -> usize {
    // asking takes as long as a short gradient
    static BUDGET: LazyLock<usize> = LazyLock::new(quarter_of_what_is_allowed);
    *BUDGET
}

fn quarter_of_what_is_allowed() -> usize {
    let refresh = RefreshKind::nothing().with_memory(MemoryRefreshKind::nothing().with_ram());
    let system = System::new_with_specifics(refresh);
    let machine = system.total_memory();
    let allowed = match system.cgroup_limits() {
        Some(limits) if limits.total_memory > 0 => limits.total_memory.min(machine),
        _ => machine,
    };
    usize::try_from(allowed / 4).unwrap_or(usize::MAX)
}

/// Bytes of memory that this process holds, where the system says so.
pub fn resident() -> Option<u64> {
    let process = sysinfo::get_current_pid().ok()?;
    let mut system = System::new();
    let refresh = ProcessRefreshKind::nothing().with_memory();
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&[process]), false, refresh);
    system.process(process).map(Process::memory)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_budget_leaves_room_for_this_process() {
        let budget = super::default_budget();
        assert!(budget > 16 << 20, "{budget}");
    }

    #[test]
    fn this_process_holds_some_memory() {
        assert!(super::resident().is_none_or(|bytes| bytes > 1 << 20));
    }
}
