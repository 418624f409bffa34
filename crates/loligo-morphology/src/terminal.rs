//! A cell as text: a picture of Braille characters, each of 2 × 4 dots.

use crate::morphology::Morphology;
use crate::projection::{Plane, Segment};

impl Morphology {
    /// The projection onto a plane as lines of text, at most `columns` wide and `rows` high.
    ///
    /// Empty if there are no columns or rows.
    ///
    /// ```
    /// use loligo_morphology::{Morphology, Plane};
    ///
    /// let cable = Morphology::cylinders(&[(100.0, 0.1)], &[None])?;
    /// assert_eq!(cable.braille(Plane::Xy, 4, 1), "⠤⠤⠤⠤");
    /// # Ok::<(), loligo_morphology::MorphologyError>(())
    /// ```
    pub fn braille(&self, plane: Plane, columns: usize, rows: usize) -> String {
        if columns == 0 || rows == 0 {
            return String::new();
        }
        let segments = self.projection(plane);
        let mut canvas = Canvas::around(&segments, columns, rows);
        for segment in &segments {
            canvas.draw(segment);
        }
        canvas.text()
    }
}

/// Dots that are on or off, four rows and two columns of them to a character.
struct Canvas {
    dots: Vec<bool>,
    width: usize,
    height: usize,
    /// Dots per µm.
    scale: f64,
    /// The place in the plane that is in the middle of the canvas, µm.
    middle: [f64; 2],
}

impl Canvas {
    /// A canvas no larger than needed, on which all segments have their place.
    fn around(segments: &[Segment], columns: usize, rows: usize) -> Canvas {
        let (mut lowest, mut highest) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
        for segment in segments {
            for end in [segment.from, segment.to] {
                for axis in 0..2 {
                    lowest[axis] = lowest[axis].min(end[axis] - segment.width / 2.0);
                    highest[axis] = highest[axis].max(end[axis] + segment.width / 2.0);
                }
            }
        }
        let size = [highest[0] - lowest[0], highest[1] - lowest[1]];
        let scale = ((2 * columns) as f64 / size[0]).min((4 * rows) as f64 / size[1]);
        let needed = |size: f64, dots: usize, most: usize| {
            ((size * scale / dots as f64 - 1e-9).ceil() as usize).clamp(1, most) * dots
        };
        let (width, height) = (needed(size[0], 2, columns), needed(size[1], 4, rows));
        let middle = [
            (lowest[0] + highest[0]) / 2.0,
            (lowest[1] + highest[1]) / 2.0,
        ];
        Canvas {
            dots: vec![false; width * height],
            width,
            height,
            scale,
            middle,
        }
    }

    /// Sets every dot within half the width of the line, and at least those on it.
    fn draw(&mut self, segment: &Segment) {
        let (from, to) = (self.place(segment.from), self.place(segment.to));
        let steps = (to[0] - from[0])
            .abs()
            .max((to[1] - from[1]).abs())
            .ceil()
            .max(1.0);
        let reach = segment.width / 2.0 * self.scale;
        for step in 0..=steps as usize {
            let fraction = step as f64 / steps;
            let [x, y] = [0, 1].map(|axis| from[axis] + fraction * (to[axis] - from[axis]));
            self.set(x, y);
            let around =
                |center: f64| ((center - reach).floor() as i64)..=((center + reach).ceil() as i64);
            for column in around(x) {
                for row in around(y) {
                    let (dot_x, dot_y) = (column as f64 + 0.5, row as f64 + 0.5);
                    if (dot_x - x).hypot(dot_y - y) <= reach {
                        self.set(dot_x, dot_y);
                    }
                }
            }
        }
    }

    /// Where a place of the plane lies, in dots from the upper left corner.
    fn place(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        [
            self.width as f64 / 2.0 + (x - self.middle[0]) * self.scale,
            self.height as f64 / 2.0 - (y - self.middle[1]) * self.scale,
        ]
    }

    fn set(&mut self, x: f64, y: f64) {
        let column = (x.floor().max(0.0) as usize).min(self.width - 1);
        let row = (y.floor().max(0.0) as usize).min(self.height - 1);
        self.dots[row * self.width + column] = true;
    }

    fn text(&self) -> String {
        let line = |top: usize| -> String {
            let characters = (0..self.width)
                .step_by(2)
                .map(|left| self.character(left, top));
            characters
                .collect::<String>()
                .trim_end_matches('\u{2800}')
                .to_string()
        };
        (0..self.height)
            .step_by(4)
            .map(line)
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// The character whose upper left dot is given. Unicode numbers its dots down the left column,
    /// down the right one, then the lowest row.
    fn character(&self, left: usize, top: usize) -> char {
        const ORDER: [(usize, usize); 8] = [
            (0, 0),
            (0, 1),
            (0, 2),
            (1, 0),
            (1, 1),
            (1, 2),
            (0, 3),
            (1, 3),
        ];
        let mut code = 0x2800;
        for (bit, (column, row)) in ORDER.into_iter().enumerate() {
            if self.dots[(top + row) * self.width + left + column] {
                code |= 1 << bit;
            }
        }
        char::from_u32(code).unwrap_or(' ')
    }
}

#[cfg(test)]
mod tests {
    use crate::{Attachment, Morphology, Plane};

    /// A trunk of 40 µm to the right, then two branches of 40 µm up and down at 45°.
    #[test]
    fn a_fork_looks_like_one() {
        let end = Some(Attachment { branch: 0, at: 1.0 });
        let fork = Morphology::cylinders(&[(40.0, 0.1); 3], &[None, end, end]).unwrap();
        let picture = ["⠀⠀⠀⠀⠀⡔", "⠤⠤⠤⠤⢎", "⠀⠀⠀⠀⠀⠣"].join("\n");
        assert_eq!(fork.braille(Plane::Xy, 6, 3), picture);
    }

    #[test]
    fn a_thick_branch_is_filled() {
        let block = Morphology::cylinders(&[(10.0, 10.0)], &[None]).unwrap();
        assert_eq!(block.braille(Plane::Xy, 6, 3), "⣴⣿⣿⣿⣿⣦\n⠻⣿⣿⣿⣿⠟");
    }

    #[test]
    fn no_room_is_no_picture() {
        let cable = Morphology::cylinders(&[(10.0, 1.0)], &[None]).unwrap();
        assert_eq!(cable.braille(Plane::Xy, 0, 5), "");
        assert_eq!(cable.braille(Plane::Xz, 5, 0), "");
        assert_eq!(cable.braille(Plane::Zy, 1, 1).chars().count(), 1);
    }
}
