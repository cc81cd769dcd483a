//! Thrift's compact protocol, walked without building anything: what a file says of itself is looked at
//! before a reader believes it and reserves memory for it.
//!
//! `None` everywhere means that the bytes are no such thing, or end too early.

/// Structs within structs; Parquet's own need five.
const DEEPEST: usize = 32;

/// The kinds of value, as the lower half of a field's first byte gives them.
pub(super) const I32: u8 = 5;
pub(super) const LIST: u8 = 9;
pub(super) const STRUCT: u8 = 12;

/// A place in the bytes.
#[derive(Debug)]
pub(super) struct Walker<'a> {
    bytes: &'a [u8],
    position: usize,
    depth: usize,
}

impl<'a> Walker<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Walker<'a> {
        Walker {
            bytes,
            position: 0,
            depth: 0,
        }
    }

    /// How many bytes were walked over.
    pub(super) fn position(&self) -> usize {
        self.position
    }

    /// Calls `visit` with the number and the kind of each field of a struct. It takes the field's value,
    /// by one of the other functions.
    pub(super) fn fields(
        &mut self,
        mut visit: impl FnMut(&mut Self, i16, u8) -> Option<()>,
    ) -> Option<()> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let mut number = 0i16;
        loop {
            let first = self.byte()?;
            if first == 0 {
                self.depth -= 1;
                return Some(());
            }
            number = match first >> 4 {
                0 => i16::try_from(self.signed()?).ok()?,
                step => number.checked_add(i16::from(step))?,
            };
            visit(self, number, first & 0xf)?;
        }
    }

    /// The kind and the number of a list's elements, which follow. Each takes a byte at least, so a list
    /// cannot have more than there are bytes.
    pub(super) fn list(&mut self) -> Option<(u8, usize)> {
        let first = self.byte()?;
        let count = match first >> 4 {
            15 => usize::try_from(self.unsigned()?).ok()?,
            few => usize::from(few),
        };
        (count <= self.bytes.len() - self.position).then_some((first & 0xf, count))
    }

    /// A whole number of any width.
    pub(super) fn signed(&mut self) -> Option<i64> {
        let folded = self.unsigned()?;
        Some((folded >> 1) as i64 ^ -((folded & 1) as i64))
    }

    pub(super) fn skip(&mut self, kind: u8) -> Option<()> {
        match kind {
            // True and false are in the kind itself.
            1 | 2 => Some(()),
            3 => self.over(1),
            4..=6 => self.signed().map(|_| ()),
            7 => self.over(8),
            8 => {
                let length = usize::try_from(self.unsigned()?).ok()?;
                self.over(length)
            }
            9 | 10 => {
                let (kind, count) = self.list()?;
                (0..count).try_for_each(|_| self.skip_element(kind))
            }
            11 => self.skip_map(),
            STRUCT => self.fields(|walker, _, kind| walker.skip(kind)),
            13 => self.over(16),
            _ => None,
        }
    }

    /// In a list, true and false are a byte each.
    fn skip_element(&mut self, kind: u8) -> Option<()> {
        match kind {
            1 | 2 => self.over(1),
            other => self.nested(|walker| walker.skip(other)),
        }
    }

    fn skip_map(&mut self) -> Option<()> {
        let count = usize::try_from(self.unsigned()?).ok()?;
        if count == 0 {
            return Some(());
        }
        if count > self.bytes.len() - self.position {
            return None;
        }
        let kinds = self.byte()?;
        (0..count).try_for_each(|_| {
            self.skip_element(kinds >> 4)?;
            self.skip_element(kinds & 0xf)
        })
    }

    fn nested(&mut self, walk: impl FnOnce(&mut Self) -> Option<()>) -> Option<()> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        walk(self)?;
        self.depth -= 1;
        Some(())
    }

    fn over(&mut self, length: usize) -> Option<()> {
        let end = self.position.checked_add(length)?;
        if end > self.bytes.len() {
            return None;
        }
        self.position = end;
        Some(())
    }

    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.position)?;
        self.position += 1;
        Some(byte)
    }

    fn unsigned(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_every_kind_are_walked_over() {
        // 1: i32 -3, 2: "ab", 3: [i32 1, 2], 4: {1: true}, 20 (long form): double, 21: {i32: byte}
        let bytes = [
            0x15, 5, 0x18, 2, b'a', b'b', 0x19, 0x25, 2, 4, 0x1c, 0x11, 0, 0x07, 40, 0, 0, 0, 0, 0,
            0, 0, 0, 0x1b, 1, 0x53, 9, 7, 0,
        ];
        let mut seen = Vec::new();
        let mut walker = Walker::new(&bytes);
        let walked = walker.fields(|walker, number, kind| {
            seen.push(number);
            match kind {
                I32 => {
                    assert_eq!(walker.signed(), Some(-3));
                    Some(())
                }
                other => walker.skip(other),
            }
        });
        assert_eq!(walked, Some(()));
        assert_eq!(walker.position(), bytes.len());
        assert_eq!(seen, [1, 2, 3, 4, 20, 21]);
        for length in 0..bytes.len() {
            let mut cut = Walker::new(&bytes[..length]);
            assert_eq!(cut.skip(STRUCT), None, "{length}");
        }
    }

    #[test]
    fn what_is_endless_or_enormous_is_refused() {
        for bytes in [
            &[0x1c; 100][..],
            &[0x19, 0xfc, 0xff, 0xff, 0xff, 0xff, 7, 0],
            &[0x1b, 0xff, 0xff, 0xff, 0xff, 7, 0x55, 0],
            &[
                0x18, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1,
            ],
            &[
                0x15, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1,
            ],
            &[0x19, 0x19, 0x19, 0x19],
        ] {
            assert_eq!(Walker::new(bytes).skip(STRUCT), None, "{bytes:?}");
        }
        // Structs within structs and lists within lists, each sound and of one element: few are, many are not.
        let structs = |levels: usize| [vec![0x1c; levels], vec![0; levels + 1]].concat();
        let lists = |levels: usize| [vec![0x19; levels], vec![0x13, 0]].concat();
        for (levels, expected) in [(DEEPEST / 2, Some(())), (DEEPEST + 1, None)] {
            assert_eq!(Walker::new(&structs(levels)).skip(STRUCT), expected);
            assert_eq!(Walker::new(&lists(levels)).skip(LIST), expected);
        }
    }
}
