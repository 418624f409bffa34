//! Curves over a common axis.

use plotters::coord::Shift;
use plotters::prelude::*;

use super::{Drawn, FONT, Picture};

/// Curves with their axes.
pub struct CurvePicture {
    /// What stands above.
    pub title: String,
    /// What the horizontal axis shows.
    pub across: String,
    /// What the vertical axis shows.
    pub up: String,
    /// How the vertical axis is divided.
    pub scale: Scale,
    /// The curves; later ones lie above earlier ones.
    pub curves: Vec<Curve>,
}

/// A curve.
pub struct Curve {
    /// What the legend says; nothing if it is empty.
    pub name: String,
    /// Its colour.
    pub colour: RGBColor,
    /// Its points.
    pub points: Vec<(f64, f64)>,
}

/// How an axis is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Equal steps are equal differences.
    Linear,
    /// Equal steps are equal ratios; what is not positive is left out.
    Logarithmic,
}

impl Scale {
    fn place(self, value: f64) -> f64 {
        match self {
            Scale::Linear => value,
            Scale::Logarithmic => value.log10(),
        }
    }

    fn label(self, place: f64) -> String {
        match self {
            Scale::Linear => format!("{place:.0}"),
            Scale::Logarithmic => {
                let value = 10_f64.powf(place);
                let digits = if value < 1.0 { 3 } else { 1 };
                format!("{value:.digits$}")
            }
        }
    }
}

impl Picture for CurvePicture {
    fn draw<B: DrawingBackend>(&self, canvas: &DrawingArea<B, Shift>) -> Drawn<B> {
        let placed: Vec<Vec<(f64, f64)>> = self
            .curves
            .iter()
            .map(|curve| {
                let points = curve.points.iter();
                points
                    .map(|&(x, y)| (x, self.scale.place(y)))
                    .filter(|(x, y)| x.is_finite() && y.is_finite())
                    .collect()
            })
            .collect();
        let (left, right) = extent(placed.iter().flatten().map(|p| p.0));
        let (low, high) = extent(placed.iter().flatten().map(|p| p.1));
        let margin = 0.05 * (high - low);
        let mut chart = ChartBuilder::on(canvas)
            .caption(&self.title, (FONT, 22))
            .margin(16)
            .x_label_area_size(48)
            .y_label_area_size(72)
            .build_cartesian_2d(left..right, low - margin..high + margin)?;
        chart
            .configure_mesh()
            .disable_mesh()
            .x_desc(&self.across)
            .y_desc(&self.up)
            .y_label_formatter(&|&y| self.scale.label(y))
            .label_style((FONT, 16))
            .draw()?;
        for (curve, points) in self.curves.iter().zip(placed) {
            let style = curve.colour.stroke_width(2);
            let drawn = chart.draw_series(LineSeries::new(points, style))?;
            if !curve.name.is_empty() {
                drawn
                    .label(&curve.name)
                    .legend(move |(x, y)| PathElement::new([(x, y), (x + 24, y)], style));
            }
        }
        if self.curves.iter().any(|curve| !curve.name.is_empty()) {
            chart
                .configure_series_labels()
                .position(SeriesLabelPosition::UpperRight)
                .background_style(WHITE)
                .label_font((FONT, 16))
                .draw()?;
        }
        Ok(())
    }
}

/// Smallest and largest value, apart from each other; 0 to 1 if there is none.
fn extent(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| {
        (low.min(v), high.max(v))
    });
    match high - low {
        range if range > 0.0 => (low, high),
        _ if low.is_finite() => (low - 0.5, low + 0.5),
        _ => (0.0, 1.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_have_an_extent_whatever_is_drawn() {
        assert_eq!(extent([1.0, 3.0, 2.0].into_iter()), (1.0, 3.0));
        assert_eq!(extent([2.0].into_iter()), (1.5, 2.5));
        assert_eq!(extent(std::iter::empty()), (0.0, 1.0));
    }

    #[test]
    fn labels_of_a_logarithmic_axis_are_the_values() {
        assert_eq!(Scale::Logarithmic.label(-2.0), "0.010");
        assert_eq!(Scale::Logarithmic.label(1.0), "10.0");
        assert_eq!(Scale::Linear.label(-40.0), "-40");
    }
}
