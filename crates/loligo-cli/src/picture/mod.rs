//! Pictures, as PNG or SVG by the name of the file.

mod cell;
mod curve;

pub use cell::CellPicture;
pub use curve::{Curve, CurvePicture, Scale};

use std::path::Path;

use plotters::coord::Shift;
use plotters::drawing::DrawingAreaErrorKind;
use plotters::prelude::*;
use plotters::style::{FontStyle, register_font};

use crate::error::CommandError;

/// Width and height, pixels.
const SIZE: (u32, u32) = (1400, 1000);

/// The font of all text.
const FONT: &str = "sans-serif";

/// What drawing on a canvas gives.
pub type Drawn<B> = Result<(), DrawingAreaErrorKind<<B as DrawingBackend>::ErrorType>>;

/// Something that can be drawn on any canvas.
pub trait Picture {
    /// Draws it on a part of a canvas.
    fn draw<B: DrawingBackend>(&self, canvas: &DrawingArea<B, Shift>) -> Drawn<B>;
}

/// Draws a picture to a file that ends in `.png` or `.svg`.
pub fn save(file: &Path, picture: &impl Picture) -> Result<(), CommandError> {
    let failed = |reason: String| CommandError::Picture {
        file: file.to_path_buf(),
        reason,
    };
    // where no font is installed, the picture brings its own
    register_font(FONT, FontStyle::Normal, dejavu::sans::regular())
        .map_err(|_| failed("the font cannot be used".to_string()))?;
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("png") => on_white(picture, BitMapBackend::new(file, SIZE)),
        Some("svg") => on_white(picture, SVGBackend::new(file, SIZE)),
        _ => return Err(CommandError::PictureFormat(file.to_path_buf())),
    }
    .map_err(failed)
}

fn on_white<B: DrawingBackend>(picture: &impl Picture, backend: B) -> Result<(), String> {
    let canvas = backend.into_drawing_area();
    let draw = || {
        canvas.fill(&WHITE)?;
        picture.draw(&canvas)?;
        canvas.present()
    };
    draw().map_err(|error: DrawingAreaErrorKind<B::ErrorType>| error.to_string())
}
