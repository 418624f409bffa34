//! A cell in the plane, in colours, with a scale bar and a legend.

use loligo::morphology::{Morphology, Plane, Segment, group_name};
use plotters::coord::Shift;
use plotters::prelude::*;

use super::{Drawn, FONT, Picture};

/// Free space around the cell, pixels.
const MARGIN: f64 = 50.0;

/// Thinnest line, pixels, so that thin dendrites are seen.
const THINNEST: f64 = 2.0;

/// A cell whose branches have colours that mean something.
pub struct CellPicture {
    segments: Vec<Segment>,
    colours: Vec<RGBColor>,
    legend: Legend,
}

/// What the colours mean.
enum Legend {
    /// Each stands for something of its own.
    Names(Vec<(String, RGBColor)>),
    /// They are a range of values.
    Range {
        title: String,
        lowest: f64,
        highest: f64,
    },
}

/// Micrometres to pixels.
struct Projection {
    pixels: f64,
    middle: [f64; 2],
    centre: [f64; 2],
}

impl CellPicture {
    /// A cell in a plane, coloured by group.
    pub fn by_group(morphology: &Morphology, plane: Plane) -> Self {
        let segments = morphology.projection(plane);
        let kind = |segment: &Segment| morphology.branches[segment.branch].kind;
        let colours = segments.iter().map(|s| group_colour(kind(s))).collect();
        let mut kinds: Vec<i32> = morphology.branches.iter().map(|b| b.kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        let legend = kinds.into_iter().map(|k| (group_name(k), group_colour(k)));
        CellPicture {
            colours,
            legend: Legend::Names(legend.collect()),
            segments,
        }
    }

    /// A cell in a plane, coloured by a value of each branch.
    pub fn by_branch(morphology: &Morphology, plane: Plane, values: &[f64], title: &str) -> Self {
        let segments = morphology.projection(plane);
        let lowest = values.iter().copied().fold(f64::INFINITY, f64::min);
        let highest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let value = |segment: &Segment| values.get(segment.branch).copied().unwrap_or(lowest);
        CellPicture {
            colours: segments
                .iter()
                .map(|s| range_colour(value(s), lowest, highest))
                .collect(),
            segments,
            legend: Legend::Range {
                title: title.to_string(),
                lowest,
                highest,
            },
        }
    }
}

impl Picture for CellPicture {
    fn draw<B: DrawingBackend>(&self, canvas: &DrawingArea<B, Shift>) -> Drawn<B> {
        let scale = Projection::fitting(&self.segments, canvas.dim_in_pixel());
        for (segment, colour) in self.segments.iter().zip(&self.colours) {
            let width = (segment.width * scale.pixels).round().max(THINNEST) as u32;
            let ends = vec![scale.pixel(segment.from), scale.pixel(segment.to)];
            canvas.draw(&PathElement::new(ends.clone(), colour.stroke_width(width)))?;
            // round joints, where lines are wide enough to gape
            if width > 3 {
                for end in ends {
                    canvas.draw(&Circle::new(end, width / 2, colour.filled()))?;
                }
            }
        }
        self.legend.draw(canvas)?;
        draw_scale_bar(canvas, scale.pixels)
    }
}

impl Legend {
    fn draw<B: DrawingBackend>(&self, canvas: &DrawingArea<B, Shift>) -> Drawn<B> {
        match self {
            Legend::Names(names) => draw_names(canvas, names),
            Legend::Range {
                title,
                lowest,
                highest,
            } => draw_range(canvas, title, *lowest, *highest),
        }
    }
}

fn draw_names<B: DrawingBackend>(
    canvas: &DrawingArea<B, Shift>,
    names: &[(String, RGBColor)],
) -> Drawn<B> {
    for (row, (name, colour)) in (0..).zip(names) {
        let y = 20 + 26 * row;
        let swatch = Rectangle::new([(20, y), (36, y + 16)], colour.filled());
        canvas.draw(&swatch)?;
        canvas.draw(&Text::new(name.as_str(), (44, y), (FONT, 18)))?;
    }
    Ok(())
}

fn draw_range<B: DrawingBackend>(
    canvas: &DrawingArea<B, Shift>,
    title: &str,
    lowest: f64,
    highest: f64,
) -> Drawn<B> {
    const LENGTH: i32 = 160;
    canvas.draw(&Text::new(title.to_string(), (20, 16), (FONT, 18)))?;
    for x in 0..LENGTH {
        let colour = range_colour(f64::from(x), 0.0, f64::from(LENGTH - 1));
        let bar = Rectangle::new([(20 + x, 42), (21 + x, 58)], colour.filled());
        canvas.draw(&bar)?;
    }
    let (left, right) = (format!("{lowest:.3}"), format!("{highest:.3}"));
    canvas.draw(&Text::new(left, (20, 62), (FONT, 16)))?;
    canvas.draw(&Text::new(right, (LENGTH - 16, 62), (FONT, 16)))
}

fn range_colour(value: f64, lowest: f64, highest: f64) -> RGBColor {
    match highest > lowest {
        true => ViridisRGB.get_color_normalized(value, lowest, highest),
        false => ViridisRGB.get_color(0.5),
    }
}

impl Projection {
    fn fitting(segments: &[Segment], (width, height): (u32, u32)) -> Self {
        let mut lowest = [f64::INFINITY; 2];
        let mut highest = [f64::NEG_INFINITY; 2];
        for end in segments
            .iter()
            .flat_map(|segment| [segment.from, segment.to])
        {
            for axis in 0..2 {
                lowest[axis] = lowest[axis].min(end[axis]);
                highest[axis] = highest[axis].max(end[axis]);
            }
        }
        let room = [f64::from(width), f64::from(height)];
        let pixels = (0..2)
            .map(|axis| (room[axis] - 2.0 * MARGIN).max(1.0) / (highest[axis] - lowest[axis]))
            .fold(f64::INFINITY, f64::min);
        Projection {
            // a cell that is a point in this plane is drawn at one pixel per µm
            pixels: if pixels.is_finite() { pixels } else { 1.0 },
            middle: [0, 1].map(|axis| 0.5 * (lowest[axis] + highest[axis])),
            centre: room.map(|pixels| 0.5 * pixels),
        }
    }

    fn pixel(&self, [x, y]: [f64; 2]) -> (i32, i32) {
        let across = self.centre[0] + (x - self.middle[0]) * self.pixels;
        // pixels count downwards
        let down = self.centre[1] - (y - self.middle[1]) * self.pixels;
        (across.round() as i32, down.round() as i32)
    }
}

fn draw_scale_bar<B: DrawingBackend>(canvas: &DrawingArea<B, Shift>, scale: f64) -> Drawn<B> {
    let (width, height) = canvas.dim_in_pixel();
    let length = round_length(0.2 * f64::from(width) / scale);
    let (right, y) = (width as i32 - 30, height as i32 - 30);
    let left = right - (length * scale).round() as i32;
    let bar = PathElement::new(vec![(left, y), (right, y)], BLACK.stroke_width(3));
    canvas.draw(&bar)?;
    canvas.draw(&Text::new(
        format!("{length} µm"),
        (left, y - 26),
        (FONT, 18),
    ))
}

/// The largest 1, 2 or 5 times a power of ten that is not above `length`.
fn round_length(length: f64) -> f64 {
    let power = 10_f64.powf(length.log10().floor());
    let digits = [5.0, 2.0, 1.0].into_iter();
    let fitting = digits.map(|digit| digit * power).find(|&l| l <= length);
    fitting.unwrap_or(power)
}

fn group_colour(kind: i32) -> RGBColor {
    match kind {
        1 => full_palette::GREY_800,
        2 => full_palette::BLUE_600,
        3 => full_palette::RED_600,
        4 => full_palette::PURPLE_500,
        _ => full_palette::TEAL_600,
    }
}

#[cfg(test)]
mod tests {
    use super::round_length;

    #[test]
    fn scale_bars_have_round_lengths() {
        for (room, length) in [(130.0, 100.0), (49.0, 20.0), (51.0, 50.0), (0.7, 0.5)] {
            assert!((round_length(room) - length).abs() < 1e-12, "{room}");
        }
    }
}
