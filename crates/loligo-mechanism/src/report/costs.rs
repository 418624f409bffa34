//! How many operations a mechanism takes, as a table.

use super::Report;
use crate::mechanism::{Mechanism, Placement};
use crate::membrane::{Costs, Operations, Rules, costs};

const COLUMNS: [&str; 6] = ["+ -", "*", "/", "exp", "other", "if"];

impl Report {
    /// Operations in a compartment that has this mechanism alone.
    pub(super) fn costs(&mut self, mechanism: &Mechanism) {
        if mechanism.placement == Placement::Cell {
            return;
        }
        // a mechanism that cannot be by itself has none
        let Ok(costs) = costs(&[mechanism], Rules::NATIVE) else {
            return;
        };
        self.line(0, "operations in a compartment");
        let Costs {
            start_as_written,
            start,
            step_as_written,
            once,
            step,
            instructions,
        } = costs;
        let rows = [
            ("at t = 0, as written", start_as_written),
            ("at t = 0, simplified", start),
            ("each step, as written", step_as_written),
            ("each step, simplified", step),
            ("once a run, taken out of the step", once),
        ];
        let titles = COLUMNS.map(str::to_owned);
        self.row("", &titles);
        for (name, operations) in rows {
            self.row(name, &counts(operations).map(|count| count.to_string()));
        }
        let fused =
            format!("a step is {instructions} instructions, many of them several operations");
        self.line(1, &fused);
    }

    fn row(&mut self, name: &str, cells: &[String; 6]) {
        let mut line = format!("{name:<34}");
        for cell in cells {
            line.push_str(&format!("{cell:>6}"));
        }
        self.line(1, &line);
    }
}

fn counts(operations: Operations) -> [usize; 6] {
    [
        operations.additions,
        operations.multiplications,
        operations.divisions,
        operations.exponentials,
        operations.functions,
        operations.choices,
    ]
}
