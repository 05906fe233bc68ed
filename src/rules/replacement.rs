use super::error::Fault;
use super::limits::LONGEST_NUMBER;
use super::outcome::Stop;
use super::pattern::Groups;

/// The most octets a number has, at four for a character.
const LONGEST_OCTETS: usize = LONGEST_NUMBER * 4;

/// The right part of a rule: what a match is replaced by.
#[derive(Debug)]
pub(super) struct Replacement(Vec<Piece>);

#[derive(Debug)]
enum Piece {
    Text(String),
    Group(usize),
}

impl Replacement {
    /// Reads the right part of a rule whose pattern has this many groups.
    pub fn parse(text: &str, groups: usize) -> Result<Self, Fault> {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut characters = text.char_indices();
        while let Some((at, c)) = characters.next() {
            if c != '\\' {
                plain.push(c);
                continue;
            }
            match characters.next() {
                Some((_, digit @ '1'..='9')) => {
                    let group = usize::from(digit as u8 - b'0');
                    if group > groups {
                        return Err(Fault::no_group(at, group));
                    }
                    if !plain.is_empty() {
                        pieces.push(Piece::Text(std::mem::take(&mut plain)));
                    }
                    pieces.push(Piece::Group(group));
                }
                Some((_, 's')) => plain.push(' '),
                Some((_, sign)) if !sign.is_alphanumeric() => plain.push(sign),
                _ => return Err(Fault::replacement_escape(at)),
            }
        }
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        Ok(Self(pieces))
    }

    /// Writes what these groups of a number are replaced by.
    pub fn write(&self, made: &mut String, number: &str, groups: &Groups) -> Result<(), Stop> {
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => made.push_str(text),
                Piece::Group(group) => made.push_str(groups.text(*group, number)),
            }
            if made.len() > LONGEST_OCTETS {
                return Err(Stop::TooLong);
            }
        }
        Ok(())
    }
}
