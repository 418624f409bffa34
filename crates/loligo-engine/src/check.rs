//! Refusing inputs that make no run.

use loligo_model::{Quantity, Waveform};

use crate::convention::SpikeTimes;
use crate::error::RunError;
use crate::events::{Source, Surrogate};
use crate::inputs::{Drive, Inputs, Train};
use crate::program::{Driven, Program};

impl Program {
    /// Whether a run can be made of these inputs.
    pub(crate) fn check(&self, inputs: &Inputs) -> Result<(), RunError> {
        if !(inputs.dt > 0.0 && inputs.dt.is_finite()) {
            return Err(RunError::TimeStep { dt: inputs.dt });
        }
        if inputs.steps == 0 {
            return Err(RunError::NoSteps);
        }
        if inputs.lanes == 0 {
            return Err(RunError::NoLanes);
        }
        if inputs.record_every == 0 {
            return Err(RunError::RecordEvery);
        }
        if inputs.surrogate.is_some() && self.spike_times == SpikeTimes::Interpolated {
            return Err(RunError::SurrogateBetweenSteps);
        }
        if let Some(Surrogate { width, .. }) = inputs.surrogate
            && !(width > 0.0 && width.is_finite())
        {
            return Err(RunError::Number {
                what: "the width of the surrogate".to_owned(),
                value: width,
                expected: "a positive number of mV",
            });
        }
        if self.recordings.is_empty() && self.events.is_none() && !inputs.keeps_end {
            return Err(RunError::NoRecordings);
        }
        if (inputs.goes_on || inputs.keeps_end) && self.delivers_events() {
            return Err(RunError::StateOfEvents);
        }
        let moves = inputs.surrogate.is_some() || self.spike_times == SpikeTimes::Interpolated;
        if !inputs.cuts.is_empty() && moves && self.delivers_events() {
            return Err(RunError::CutsOfEvents);
        }
        let (recordings, samples) = (
            self.recordings.len().saturating_mul(inputs.lanes),
            inputs.samples(),
        );
        let numbers = recordings.saturating_mul(samples);
        // where there is no room the allocator would end the process
        if Vec::<f64>::new().try_reserve_exact(numbers).is_err() {
            return Err(RunError::Recordings {
                recordings,
                samples,
            });
        }
        let len = self.layout.len();
        length("values", inputs.values.len(), len)?;
        length("stimuli", inputs.stimuli.len(), self.stimuli.len())?;
        length("clamps", inputs.clamps.len(), self.clamps.len())?;
        self.check_trains(inputs)?;
        for (index, value) in inputs.values.iter().enumerate() {
            // NaN stands for what the model has not
            if self.defaults.values[index].is_nan() && value.is_nan() {
                continue;
            }
            self.check_number(index, None, *value)?;
        }
        for lane_values in &inputs.lane_values {
            let count = lane_values.indices.len();
            length(
                "values of a batch",
                lane_values.values.len(),
                count * inputs.lanes,
            )?;
            for (position, value) in lane_values.values.iter().enumerate() {
                let index = lane_values.indices[position % count];
                if index >= len {
                    return Err(RunError::Index { index, len });
                }
                let lane = (inputs.lanes > 1).then_some(position / count);
                self.check_number(index, lane, *value)?;
            }
        }
        for (stimulus, drive) in self.stimuli.iter().zip(&inputs.stimuli) {
            let place = self.place_at(&stimulus.site);
            if stimulus.drives == Driven::Current {
                check_drive(&format!("the stimulus of {place}"), drive, inputs)?;
                continue;
            }
            let what = match stimulus.drives {
                Driven::Number { quantity, .. } => {
                    let name = self
                        .layout
                        .index(quantity, 0)
                        .map(|at| self.layout.name(at));
                    format!(
                        "what is played into `{}` of {place}",
                        name.unwrap_or_default()
                    )
                }
                _ => format!("what is held in {place}"),
            };
            check_drive(&what, drive, inputs)?;
            check_length(&what, drive, inputs, inputs.steps, "one per step")?;
        }
        for (clamp, drive) in self.clamps.iter().zip(&inputs.clamps) {
            let what = format!("the command of the clamp of {}", self.place_at(&clamp.site));
            check_drive(&what, drive, inputs)?;
            // a stimulus that ends injects nothing; a clamp cannot command nothing
            let on = |step: &usize| (*step as f64 + 0.5) * inputs.dt < clamp.stop;
            let needed = (0..inputs.steps).rev().find(on).map_or(0, |last| last + 1);
            check_length(&what, drive, inputs, needed, "one per step while it is on")?;
        }
        Ok(())
    }

    /// That no derivative is asked for by a number that is not read, since another is played in its place.
    pub(crate) fn check_played(&self, places: &[usize]) -> Result<(), RunError> {
        let layout = &self.layout;
        let mut plays = self.plays();
        let asked = plays.find_map(|(quantity, row)| {
            let at = layout.index(quantity, row)?;
            places.contains(&at).then_some((at, quantity, row))
        });
        match asked {
            None => Ok(()),
            Some((at, quantity, row)) => Err(RunError::Played {
                what: layout.name(at).to_owned(),
                place: self.place_of(quantity, row).to_string(),
            }),
        }
    }

    /// That no event changes the numbers of all connections, which a reverse sweep would have to undo.
    pub(crate) fn check_broadcasts(&self) -> Result<(), RunError> {
        let mut handlers = self.codes.iter().flat_map(|code| &code.handlers);
        match handlers.find(|handler| handler.broadcasts > 0) {
            None => Ok(()),
            Some(handler) => Err(RunError::Broadcast {
                what: handler.each.first().cloned().unwrap_or_default(),
            }),
        }
    }

    fn check_trains(&self, inputs: &Inputs) -> Result<(), RunError> {
        for (&source, train) in &inputs.trains {
            let sources = self
                .events
                .as_ref()
                .map_or(&[][..], |network| &network.sources);
            if !matches!(sources.get(source), Some(Source::Train(_))) {
                return Err(RunError::NoTrain {
                    source_number: source,
                    sources: sources.len(),
                });
            }
            if let Train::LaneTimes(lanes) = train
                && lanes.len() != inputs.lanes
            {
                return Err(RunError::TrainLanes {
                    source_number: source,
                    found: lanes.len(),
                    lanes: inputs.lanes,
                });
            }
            for (lane, times) in train.lists() {
                let mut before = 0.0;
                for &time in times {
                    if !time.is_finite() || time < before {
                        let lane = lane.map_or_else(String::new, |lane| format!(" in lane {lane}"));
                        return Err(RunError::Number {
                            what: format!("a time of the spikes of source {source}{lane}"),
                            value: time,
                            expected: "finite times (ms) from 0 on, ascending",
                        });
                    }
                    before = time;
                }
            }
        }
        Ok(())
    }

    fn check_number(&self, index: usize, lane: Option<usize>, value: f64) -> Result<(), RunError> {
        let Some((quantity, row)) = self.layout.at(index) else {
            return Err(RunError::Index {
                index,
                len: self.layout.len(),
            });
        };
        let positive = matches!(
            quantity,
            Quantity::Radius
                | Quantity::Length
                | Quantity::AxialResistivity
                | Quantity::Capacitance
        );
        let is_delay = matches!(quantity, Quantity::Delay { .. });
        let expected = match (value.is_finite(), positive && value <= 0.0) {
            (false, _) => "a finite number",
            _ if is_delay && value < 0.0 => "0 or more ms",
            (_, true) => "a positive number",
            _ => return Ok(()),
        };
        let mut what = format!("`{}`", self.layout.name(index));
        if quantity != Quantity::Celsius {
            what += &format!(" of {}", self.place_of(quantity, row));
        }
        if let Some(lane) = lane {
            what += &format!(" in lane {lane}");
        }
        Err(RunError::Number {
            what,
            value,
            expected,
        })
    }
}

fn length(what: &str, found: usize, expected: usize) -> Result<(), RunError> {
    if found == expected {
        return Ok(());
    }
    Err(RunError::Length {
        what: what.to_owned(),
        found,
        expected: expected.to_string(),
    })
}

/// That there are as many samples as are needed.
fn check_length(
    what: &str,
    drive: &Drive,
    inputs: &Inputs,
    needed: usize,
    why: &str,
) -> Result<(), RunError> {
    let samples = match drive {
        Drive::Waveform(Waveform::Samples(samples)) => samples.len(),
        Drive::Waveform(_) => return Ok(()),
        Drive::Samples(samples) => samples.len(),
        Drive::LaneSamples(samples) => samples.len() / inputs.lanes,
    };
    match samples < needed {
        false => Ok(()),
        true => Err(RunError::Length {
            what: what.to_owned(),
            found: samples,
            expected: format!("{needed} ({why})"),
        }),
    }
}

fn check_drive(what: &str, drive: &Drive, inputs: &Inputs) -> Result<(), RunError> {
    let (samples, lanes) = match drive {
        Drive::Waveform(_) => return Ok(()),
        Drive::Samples(samples) => (samples, 1),
        Drive::LaneSamples(samples) => (samples, inputs.lanes),
    };
    if !samples.len().is_multiple_of(lanes) {
        return Err(RunError::Length {
            what: what.to_owned(),
            found: samples.len(),
            expected: format!("a multiple of {lanes} lanes"),
        });
    }
    let Some(at) = samples.iter().position(|value| !value.is_finite()) else {
        return Ok(());
    };
    let steps = samples.len() / lanes;
    let lane = match drive {
        Drive::LaneSamples(_) if lanes > 1 => format!(" in lane {}", at / steps),
        _ => String::new(),
    };
    Err(RunError::Number {
        what: format!("sample {} of {what}{lane}", at % steps),
        value: samples[at],
        expected: "a finite number",
    })
}
