//! A reader of UBJSON, the form in which XGBoost saves its models.
//!
//! It trusts nothing: every count is checked against the bytes that are left before anything is
//! reserved, and nesting has a limit. Arrays of one type become vectors of that type at once.

use std::collections::BTreeMap;

use crate::ForestError;

/// How deep objects and arrays may lie in each other; XGBoost's own need fewer than ten.
const DEEPEST: usize = 32;

/// A value of a document.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Null,
    Boolean(bool),
    Integer(i64),
    Number(f64),
    Text(String),
    List(Vec<Value>),
    Floats(Vec<f32>),
    Integers(Vec<i64>),
    Object(BTreeMap<String, Value>),
}

/// Reads one document that fills all the bytes.
pub fn parse(bytes: &[u8]) -> Result<Value, ForestError> {
    let mut reader = Reader { bytes, position: 0 };
    let marker = reader.marker()?;
    if marker != b'{' {
        return Err(ForestError::NotXgboost {
            detail: "it does not begin with an object".into(),
        });
    }
    let value = reader.value(marker, DEEPEST)?;
    if reader.position != bytes.len() {
        return Err(reader.corrupt("bytes follow the end of the document"));
    }
    Ok(value)
}

struct Reader<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], ForestError> {
        let end = self
            .position
            .checked_add(count)
            .filter(|end| *end <= self.bytes.len());
        let end = end.ok_or(ForestError::Truncated {
            bytes: self.bytes.len(),
        })?;
        let part = &self.bytes[self.position..end];
        self.position = end;
        Ok(part)
    }

    fn fixed<const N: usize>(&mut self) -> Result<[u8; N], ForestError> {
        let mut out = [0; N];
        out.copy_from_slice(self.take(N)?);
        Ok(out)
    }

    /// The next type marker; `N` means nothing and is passed over.
    fn marker(&mut self) -> Result<u8, ForestError> {
        loop {
            match self.fixed::<1>()?[0] {
                b'N' => continue,
                marker => return Ok(marker),
            }
        }
    }

    fn corrupt(&self, detail: &str) -> ForestError {
        ForestError::NotXgboost {
            detail: format!("{detail} (byte {})", self.position),
        }
    }

    fn integer(&mut self, marker: u8) -> Result<i64, ForestError> {
        Ok(match marker {
            b'i' => i64::from(i8::from_be_bytes(self.fixed()?)),
            b'U' => i64::from(self.fixed::<1>()?[0]),
            b'I' => i64::from(i16::from_be_bytes(self.fixed()?)),
            b'l' => i64::from(i32::from_be_bytes(self.fixed()?)),
            b'L' => i64::from_be_bytes(self.fixed()?),
            _ => return Err(self.corrupt("a count is not an integer")),
        })
    }

    fn count(&mut self) -> Result<usize, ForestError> {
        let marker = self.marker()?;
        usize::try_from(self.integer(marker)?).map_err(|_| self.corrupt("a count is negative"))
    }

    fn text(&mut self) -> Result<String, ForestError> {
        let length = self.count()?;
        let bytes = self.take(length)?;
        String::from_utf8(bytes.to_vec()).map_err(|_| self.corrupt("a text is not UTF-8"))
    }

    fn value(&mut self, marker: u8, depth: usize) -> Result<Value, ForestError> {
        let depth = depth
            .checked_sub(1)
            .ok_or_else(|| self.corrupt("it is nested too deeply"))?;
        Ok(match marker {
            b'Z' => Value::Null,
            b'T' => Value::Boolean(true),
            b'F' => Value::Boolean(false),
            b'd' => Value::Number(f64::from(f32::from_be_bytes(self.fixed()?))),
            b'D' => Value::Number(f64::from_be_bytes(self.fixed()?)),
            b'C' => Value::Text(char::from(self.fixed::<1>()?[0]).to_string()),
            b'S' | b'H' => Value::Text(self.text()?),
            b'{' => self.object(depth)?,
            b'[' => self.array(depth)?,
            _ => Value::Integer(self.integer(marker)?),
        })
    }

    fn object(&mut self, depth: usize) -> Result<Value, ForestError> {
        let mut fields = BTreeMap::new();
        loop {
            let marker = self.marker()?;
            if marker == b'}' {
                return Ok(Value::Object(fields));
            }
            let length = usize::try_from(self.integer(marker)?)
                .map_err(|_| self.corrupt("a key is negative"))?;
            let key = String::from_utf8(self.take(length)?.to_vec())
                .map_err(|_| self.corrupt("a key is not UTF-8"))?;
            let marker = self.marker()?;
            let value = self.value(marker, depth)?;
            fields.insert(key, value);
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value, ForestError> {
        match self.marker()? {
            b'$' => self.typed_array(),
            b'#' => {
                let count = self.count()?;
                let mut values = Vec::new();
                for _ in 0..count {
                    let marker = self.marker()?;
                    values.push(self.value(marker, depth)?);
                }
                Ok(Value::List(values))
            }
            first => self.open_array(first, depth),
        }
    }

    /// An array that ends with `]`.
    fn open_array(&mut self, first: u8, depth: usize) -> Result<Value, ForestError> {
        let mut values = Vec::new();
        let mut marker = first;
        while marker != b']' {
            values.push(self.value(marker, depth)?);
            marker = self.marker()?;
        }
        Ok(Value::List(values))
    }

    /// An array of numbers of one type, with its count in front.
    fn typed_array(&mut self) -> Result<Value, ForestError> {
        let kind = self.fixed::<1>()?[0];
        if self.marker()? != b'#' {
            return Err(self.corrupt("an array of one type has no count"));
        }
        let count = self.count()?;
        let width = match kind {
            b'i' | b'U' => 1,
            b'I' => 2,
            b'l' | b'd' => 4,
            b'L' | b'D' => 8,
            _ => return Err(self.corrupt("an array has an unknown type")),
        };
        let length = count
            .checked_mul(width)
            .ok_or_else(|| self.corrupt("an array is too long"))?;
        let bytes = self.take(length)?;
        Ok(match kind {
            b'd' => Value::Floats(chunks(bytes, f32::from_be_bytes)),
            b'D' => Value::Floats(chunks(bytes, |b| f64::from_be_bytes(b) as f32)),
            b'i' => Value::Integers(chunks(bytes, |b| i64::from(i8::from_be_bytes(b)))),
            b'U' => Value::Integers(chunks(bytes, |b: [u8; 1]| i64::from(b[0]))),
            b'I' => Value::Integers(chunks(bytes, |b| i64::from(i16::from_be_bytes(b)))),
            b'l' => Value::Integers(chunks(bytes, |b| i64::from(i32::from_be_bytes(b)))),
            _ => Value::Integers(chunks(bytes, i64::from_be_bytes)),
        })
    }
}

fn chunks<const N: usize, T>(bytes: &[u8], read: impl Fn([u8; N]) -> T) -> Vec<T> {
    let (whole, _) = bytes.as_chunks::<N>();
    whole.iter().map(|chunk| read(*chunk)).collect()
}
