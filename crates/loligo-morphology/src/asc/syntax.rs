//! The grammar of a Neurolucida file: which contours and which trees it draws.
//!
//! Objects stand in parentheses. One that starts with a string is a contour, one that starts with
//! another parenthesis is a tree (or a text that is drawn somewhere, of one point and a string), and
//! one that starts with a word is a property or a marker; a set holds other objects. A tree is a
//! branch: points, among which markers and spines may stand, then a word for how it ends, or a split
//! in parentheses with more branches, which bars separate.

use super::tokens::Token;
use super::{Fault, Place};
use crate::branch::Point;
use crate::error::AscFault;

/// What is drawn in the file.
#[derive(Debug, Default)]
pub(super) struct Drawing {
    /// Contours of cell bodies.
    pub somas: Vec<Contour>,
    /// The branches of all trees, parents before children.
    pub branches: Vec<Drawn>,
    /// How many contours of something else there are.
    pub other_contours: usize,
}

/// A closed line around something.
#[derive(Debug)]
pub(super) struct Contour {
    pub place: Place,
    /// x, y and z, µm.
    pub points: Vec<[f64; 3]>,
}

/// A branch of a tree.
#[derive(Debug)]
pub(super) struct Drawn {
    /// That of its first point.
    pub place: Place,
    /// SWC type.
    pub kind: i32,
    pub parent: Option<usize>,
    pub points: Vec<Point>,
}

/// What the tokens of a file draw.
pub(super) fn drawing(tokens: &[(Token, Place)]) -> Result<Drawing, Fault> {
    let mut parser = Parser {
        tokens,
        next: 0,
        drawing: Drawing::default(),
    };
    parser.objects()?;
    Ok(parser.drawing)
}

struct Parser<'a> {
    tokens: &'a [(Token, Place)],
    next: usize,
    drawing: Drawing,
}

impl<'a> Parser<'a> {
    fn peek(&self, ahead: usize) -> Option<&'a Token> {
        self.tokens.get(self.next + ahead).map(|(token, _)| token)
    }

    /// The place of the next token, or of the last one.
    fn place(&self) -> Place {
        let last = self.tokens.len().saturating_sub(1);
        self.tokens
            .get(self.next.min(last))
            .map_or(Place { line: 1, column: 1 }, |&(_, place)| place)
    }

    fn unexpected<T>(&self, expected: &'static str) -> Result<T, Fault> {
        let found = self
            .peek(0)
            .map_or("the end of the file".to_string(), Token::shown);
        Err((self.place(), AscFault::Unexpected { found, expected }))
    }

    fn objects(&mut self) -> Result<(), Fault> {
        let mut open_sets = Vec::new();
        loop {
            match (self.peek(0), self.peek(1)) {
                (None, _) => break,
                (Some(Token::Close), _) if open_sets.pop().is_some() => self.next += 1,
                (Some(Token::Open), Some(Token::Text(_))) => self.contour()?,
                (Some(Token::Open), Some(Token::Open)) => self.tree()?,
                (Some(Token::Open), Some(Token::Word(word))) => {
                    let named = matches!(self.peek(2), Some(Token::Text(_)));
                    if word.eq_ignore_ascii_case("set") && named {
                        open_sets.push(self.place());
                        self.next += 3;
                    } else {
                        self.skip(Token::Open, Token::Close, '(')?;
                    }
                }
                (Some(Token::Open), _) => {
                    self.next += 1;
                    return self.unexpected("a string, a word or `(`, which begin an object");
                }
                _ => return self.unexpected("`(`, which begins an object"),
            }
        }
        match open_sets.pop() {
            Some(place) => Err((place, AscFault::Unclosed { bracket: '(' })),
            None => Ok(()),
        }
    }

    /// Goes past all that an opening bracket encloses.
    fn skip(&mut self, open: Token, close: Token, bracket: char) -> Result<(), Fault> {
        let start = self.place();
        let mut depth = 0;
        while let Some(token) = self.peek(0) {
            self.next += 1;
            if *token == open {
                depth += 1;
            } else if *token == close {
                depth -= 1;
                if depth == 0 {
                    return Ok(());
                }
            }
        }
        Err((start, AscFault::Unclosed { bracket }))
    }

    fn contour(&mut self) -> Result<(), Fault> {
        let place = self.place();
        let is_soma = matches!(
            self.peek(1),
            Some(Token::Text(name)) if ["CellBody", "Cell Body", "Soma"].contains(&name.as_str())
        );
        self.next += 2;
        let mut points = Vec::new();
        loop {
            match (self.peek(0), self.peek(1)) {
                (Some(Token::Close), _) => break,
                (Some(Token::Open), Some(Token::Number(_))) => {
                    let [x, y, z, _] = self.point()?;
                    points.push([x, y, z]);
                }
                (Some(Token::Open), Some(Token::Word(_))) => {
                    self.skip(Token::Open, Token::Close, '(')?;
                }
                (Some(Token::Word(_)), _) => self.next += 1,
                (None, _) => return Err((place, AscFault::Unclosed { bracket: '(' })),
                _ => return self.unexpected("a point or a property of the contour, or `)`"),
            }
        }
        self.next += 1;
        if is_soma {
            self.drawing.somas.push(Contour { place, points });
        } else {
            self.drawing.other_contours += 1;
        }
        Ok(())
    }

    fn tree(&mut self) -> Result<(), Fault> {
        let start = self.place();
        self.next += 1;
        let kind = self.properties()?;
        let first = self.drawing.branches.len();
        // the branch that is read, and those whose splits are open
        let mut current = self.begin(kind, None);
        let mut parents = Vec::new();
        let mut has_split = false;
        loop {
            match (self.peek(0), self.peek(1)) {
                (Some(Token::Open), Some(Token::Number(_))) if !has_split => {
                    let place = self.place();
                    let [x, y, z, diameter] = self.point()?;
                    let branch = &mut self.drawing.branches[current];
                    if branch.points.is_empty() {
                        branch.place = place;
                    }
                    branch.points.push(Point::new(x, y, z, diameter / 2.0));
                    // a text, which is no part of the cell, needs no diameter
                    let is_text = matches!(self.peek(0), Some(Token::Text(_)));
                    if diameter <= 0.0 && !is_text {
                        return Err((place, AscFault::Diameter { diameter }));
                    }
                }
                (Some(Token::Open), Some(Token::Word(_))) => {
                    self.skip(Token::Open, Token::Close, '(')?;
                }
                (Some(Token::Open), Some(Token::Open | Token::Bar)) if !has_split => {
                    self.check(current)?;
                    self.next += 1;
                    parents.push(current);
                    current = self.begin(kind, Some(current));
                }
                (Some(Token::OpenSpine), _) => {
                    self.skip(Token::OpenSpine, Token::CloseSpine, '<')?;
                }
                (Some(Token::Word(_)), _) => self.next += 1,
                (Some(Token::Bar), _) if !parents.is_empty() => {
                    self.check(current)?;
                    self.next += 1;
                    current = self.begin(kind, parents.last().copied());
                    has_split = false;
                }
                (Some(Token::Close), _) => {
                    self.check(current)?;
                    self.next += 1;
                    match parents.pop() {
                        Some(parent) => current = parent,
                        None => return Ok(()),
                    }
                    has_split = true;
                }
                (Some(Token::Text(_)), _) if current == first && parents.is_empty() => {
                    self.next += 1;
                    if self.drawing.branches[first].points.len() != 1 {
                        return self.unexpected("a text of one point, or a tree");
                    }
                    self.drawing.branches.truncate(first);
                    if self.peek(0) != Some(&Token::Close) {
                        return self.unexpected("`)` at the end of a text");
                    }
                    self.next += 1;
                    return Ok(());
                }
                (None, _) => return Err((start, AscFault::Unclosed { bracket: '(' })),
                _ if has_split => {
                    return self.unexpected("`)` or `|`: a branch ends where it splits");
                }
                _ => {
                    return self.unexpected("a point, a marker, a split, or the end of the branch");
                }
            }
        }
    }

    fn begin(&mut self, kind: i32, parent: Option<usize>) -> usize {
        self.drawing.branches.push(Drawn {
            place: self.place(),
            kind,
            parent,
            points: Vec::new(),
        });
        self.drawing.branches.len() - 1
    }

    /// Whether a branch that ends here has points.
    fn check(&self, branch: usize) -> Result<(), Fault> {
        if self.drawing.branches[branch].points.is_empty() {
            Err((self.place(), AscFault::NoPoints))
        } else {
            Ok(())
        }
    }

    /// The SWC type that the properties before the first point say; 0 if they do not.
    fn properties(&mut self) -> Result<i32, Fault> {
        let mut kind = 0;
        while let (Some(Token::Open), Some(Token::Word(name))) = (self.peek(0), self.peek(1)) {
            kind = match name.as_str() {
                "Axon" => 2,
                "Dendrite" => 3,
                "Apical" => 4,
                _ => kind,
            };
            self.skip(Token::Open, Token::Close, '(')?;
        }
        Ok(kind)
    }

    /// x, y, z and the diameter, µm; the last two are 0 if they are left out.
    fn point(&mut self) -> Result<[f64; 4], Fault> {
        self.next += 1;
        let mut numbers = [0.0; 4];
        let mut count = 0;
        while let (Some(&Token::Number(number)), Some(slot)) =
            (self.peek(0), numbers.get_mut(count))
        {
            *slot = number;
            count += 1;
            self.next += 1;
        }
        if count < 2 {
            return self.unexpected("a number: x, y, z and the diameter of a point");
        }
        // the section of the tissue, and the handles of a curve
        if matches!(self.peek(0), Some(Token::Word(_))) {
            self.next += 1;
        }
        if self.peek(0) == Some(&Token::Open) {
            self.skip(Token::Open, Token::Close, '(')?;
        }
        if self.peek(0) != Some(&Token::Close) {
            return self.unexpected("`)` at the end of a point");
        }
        self.next += 1;
        Ok(numbers)
    }
}
