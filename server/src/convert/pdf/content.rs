//! Follows the instructions that paint a page, as far as text is concerned, and says where each sign stands.

use super::font::Font;
use super::matrix::Matrix;
use super::{Budget, STREAM_BYTES, number};
use crate::convert::Unfit;
use lopdf::content::{Content, Operation};
use lopdf::{Dictionary, Document, Object};
use std::collections::HashMap;
use std::rc::Rc;

/// How deep forms may be painted within forms.
const FORMS: usize = 12;
/// How many states may be saved.
const STATES: usize = 256;

/// A sign on the page.
#[derive(Debug, Clone)]
pub(super) struct Sign {
    pub(super) text: String,
    /// Where it begins, in a system in which it runs from left to right.
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) width: f32,
    pub(super) size: f32,
    /// How often the page is turned by a right angle until the sign stands upright.
    pub(super) turn: u8,
    pub(super) is_mono: bool,
}

/// Fonts by the dictionaries that describe them.
pub(super) type Fonts = HashMap<*const Dictionary, Rc<Font>>;

#[derive(Debug, Clone)]
struct State {
    matrix: Matrix,
    font: Option<Rc<Font>>,
    size: f32,
    char_spacing: f32,
    word_spacing: f32,
    scale: f32,
    leading: f32,
    rise: f32,
}

/// Paints a page.
pub(super) struct Painter<'d> {
    doc: &'d Document,
    fonts: &'d mut Fonts,
    budget: &'d mut Budget,
    state: State,
    saved: Vec<State>,
    text: Matrix,
    line: Matrix,
    /// For each open mark of content, whether it is a part of the page rather than of the text.
    marks: Vec<bool>,
    signs: Vec<Sign>,
    forms: usize,
}

impl<'d> Painter<'d> {
    pub(super) fn new(doc: &'d Document, fonts: &'d mut Fonts, budget: &'d mut Budget) -> Self {
        Self {
            doc,
            fonts,
            budget,
            state: State {
                matrix: Matrix::UNIT,
                font: None,
                size: 0.0,
                char_spacing: 0.0,
                word_spacing: 0.0,
                scale: 1.0,
                leading: 0.0,
                rise: 0.0,
            },
            saved: Vec::new(),
            text: Matrix::UNIT,
            line: Matrix::UNIT,
            marks: Vec::new(),
            signs: Vec::new(),
            forms: 0,
        }
    }

    /// The signs of a content, in the order in which they are painted.
    pub(super) fn paint(mut self, content: &[u8], resources: Option<&'d Dictionary>) -> Result<Vec<Sign>, Unfit> {
        self.run(content, resources)?;
        Ok(self.signs)
    }

    fn run(&mut self, content: &[u8], resources: Option<&'d Dictionary>) -> Result<(), Unfit> {
        // After an error nothing is certain, but what came before is.
        for operation in Content::decode_iter(content).map_while(Result::ok) {
            self.budget.spend(1)?;
            self.perform(&operation, resources)?;
        }
        Ok(())
    }

    fn perform(&mut self, operation: &Operation, resources: Option<&'d Dictionary>) -> Result<(), Unfit> {
        let operands = operation.operands.as_slice();
        let at = |index: usize| operands.get(index).and_then(number).unwrap_or(0.0);
        match operation.operator.as_str() {
            "q" if self.saved.len() < STATES => self.saved.push(self.state.clone()),
            "Q" => {
                if let Some(state) = self.saved.pop() {
                    self.state = state;
                }
            }
            "cm" => self.state.matrix = Matrix([at(0), at(1), at(2), at(3), at(4), at(5)]).then(self.state.matrix),
            "BT" => self.set_line(Matrix::UNIT),
            "Tm" => self.set_line(Matrix([at(0), at(1), at(2), at(3), at(4), at(5)])),
            "Td" => self.move_line(at(0), at(1)),
            "TD" => {
                self.state.leading = -at(1);
                self.move_line(at(0), at(1));
            }
            "T*" => self.next_line(),
            "Tc" => self.state.char_spacing = at(0),
            "Tw" => self.state.word_spacing = at(0),
            "Tz" => self.state.scale = at(0) / 100.0,
            "TL" => self.state.leading = at(0),
            "Ts" => self.state.rise = at(0),
            "Tf" => {
                self.state.size = at(1);
                self.state.font = operands.first().and_then(|name| self.font(name, resources));
            }
            "Tj" => self.show(operands.first())?,
            "'" => {
                self.next_line();
                self.show(operands.first())?;
            }
            "\"" => {
                self.state.word_spacing = at(0);
                self.state.char_spacing = at(1);
                self.next_line();
                self.show(operands.get(2))?;
            }
            "TJ" => self.show_spaced(operands.first())?,
            "BMC" | "BDC" => self.marks.push(is_furniture(operands)),
            "EMC" => {
                self.marks.pop();
            }
            "Do" => self.paint_form(operands.first(), resources)?,
            _ => {}
        }
        Ok(())
    }

    fn set_line(&mut self, matrix: Matrix) {
        self.line = matrix;
        self.text = matrix;
    }

    fn move_line(&mut self, x: f32, y: f32) {
        self.set_line(Matrix::shift(x, y).then(self.line));
    }

    fn next_line(&mut self) {
        self.move_line(0.0, -self.state.leading);
    }

    fn font(&mut self, name: &Object, resources: Option<&'d Dictionary>) -> Option<Rc<Font>> {
        let fonts = resources?.get_deref(b"Font", self.doc).and_then(Object::as_dict).ok()?;
        let font = fonts.get_deref(name.as_name().ok()?, self.doc).and_then(Object::as_dict).ok()?;
        let doc = self.doc;
        let read = || Rc::new(Font::read(doc, font));
        Some(Rc::clone(self.fonts.entry(std::ptr::from_ref(font)).or_insert_with(read)))
    }

    /// Strings, and by how much the next one is moved back.
    fn show_spaced(&mut self, pieces: Option<&Object>) -> Result<(), Unfit> {
        for piece in pieces.and_then(|pieces| pieces.as_array().ok()).into_iter().flatten() {
            match number(piece) {
                Some(back) => {
                    let shift = -back / 1000.0 * self.state.size * self.state.scale;
                    self.text = Matrix::shift(shift, 0.0).then(self.text);
                }
                None => self.show(Some(piece))?,
            }
        }
        Ok(())
    }

    fn show(&mut self, string: Option<&Object>) -> Result<(), Unfit> {
        let (Some(Ok(bytes)), Some(font)) = (string.map(Object::as_str), self.state.font.clone()) else {
            return Ok(());
        };
        self.budget.spend(bytes.len())?;
        let is_shown = !self.marks.contains(&true);
        let state = &self.state;
        let (text, signs) = (&mut self.text, &mut self.signs);
        font.show(bytes, |shown| {
            let whole = text.then(state.matrix);
            let width = shown.width * state.size * state.scale;
            if is_shown && let Some((turn, [x, y], [end, _])) = whole.upright([0.0, state.rise], [width, state.rise]) {
                signs.push(Sign {
                    text: shown.text,
                    x,
                    y,
                    width: end - x,
                    size: whole.height() * state.size.abs(),
                    turn,
                    is_mono: font.is_mono,
                });
            }
            let word = if shown.is_space { state.word_spacing } else { 0.0 };
            let advance = width + (state.char_spacing + word) * state.scale;
            *text = Matrix::shift(advance, 0.0).then(*text);
        });
        Ok(())
    }

    fn paint_form(&mut self, name: Option<&Object>, resources: Option<&'d Dictionary>) -> Result<(), Unfit> {
        let doc = self.doc;
        let objects = resources.and_then(|resources| resources.get_deref(b"XObject", doc).and_then(Object::as_dict).ok());
        let name = name.and_then(|name| name.as_name().ok());
        let form = objects
            .zip(name)
            .and_then(|(objects, name)| objects.get_deref(name, doc).and_then(Object::as_stream).ok());
        let Some(form) = form.filter(|form| {
            form.dict
                .get_deref(b"Subtype", doc)
                .and_then(Object::as_name)
                .is_ok_and(|kind| kind == b"Form")
        }) else {
            return Ok(());
        };
        if self.forms >= FORMS {
            return Ok(());
        }
        let Ok(content) = form.get_plain_content_with_limit(STREAM_BYTES) else {
            return Ok(());
        };
        self.budget.spend(1000 + content.len() / 64)?;
        let own = form.dict.get_deref(b"Resources", doc).and_then(Object::as_dict).ok();
        let kept = (
            self.state.clone(),
            std::mem::take(&mut self.saved),
            self.text,
            self.line,
            self.marks.len(),
        );
        if let Ok(matrix) = form.dict.get_deref(b"Matrix", doc).and_then(Object::as_array) {
            let at = |index: usize| matrix.get(index).and_then(number).unwrap_or(0.0);
            self.state.matrix = Matrix([at(0), at(1), at(2), at(3), at(4), at(5)]).then(self.state.matrix);
        }
        self.forms += 1;
        self.run(&content, own.or(resources))?;
        self.forms -= 1;
        (self.state, self.saved, self.text, self.line) = (kept.0, kept.1, kept.2, kept.3);
        self.marks.truncate(kept.4);
        Ok(())
    }
}

/// Whether a mark says that what follows is a header or footer: `/Artifact <</Type /Pagination>>`.
fn is_furniture(operands: &[Object]) -> bool {
    let is_artifact = operands
        .first()
        .is_some_and(|tag| tag.as_name().is_ok_and(|tag| tag == b"Artifact"));
    let kind = operands
        .get(1)
        .and_then(|properties| properties.as_dict().ok()?.get(b"Type").ok()?.as_name().ok());
    is_artifact && kind == Some(b"Pagination")
}
