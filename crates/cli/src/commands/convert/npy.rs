//! NumPy's format for one array, version 1.0 to 3.0: magic, version, a header in Python's notation, and the numbers.

use datasets::Values;

const MAGIC: &[u8] = b"\x93NUMPY";
/// Headers are padded so that the numbers begin at a multiple of this.
const ALIGNMENT: usize = 64;

/// An array of numbers in row-major order.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Npy {
    pub(super) shape: Vec<usize>,
    pub(super) values: Vec<f64>,
}

/// The array of a file; what is wrong if there is none.
pub(super) fn decode(bytes: &[u8]) -> Result<Npy, String> {
    let short = || "is cut off".to_owned();
    let rest = bytes.strip_prefix(MAGIC).ok_or("is no array in NumPy's format (.npy)")?;
    let (length, rest) = match rest {
        [1, _, a, b, rest @ ..] => (usize::from(u16::from_le_bytes([*a, *b])), rest),
        [2 | 3, _, a, b, c, d, rest @ ..] => (u32::from_le_bytes([*a, *b, *c, *d]) as usize, rest),
        [version, ..] => {
            return Err(format!("has version {version} of NumPy's format, this program reads 1 to 3"));
        }
        [] => return Err(short()),
    };
    let header = std::str::from_utf8(rest.get(..length).ok_or_else(short)?)
        .map_err(|_| "has a header that is no text")?;
    let data = &rest[length..];
    let kind = text_after(header, "'descr':").ok_or("has a header without type")?;
    if header.contains("'fortran_order': True") {
        return Err("is in Fortran order; save numpy.ascontiguousarray of it".to_owned());
    }
    let shape = shape_in(header).ok_or("has a header without shape")?;
    let count = shape.iter().try_fold(1usize, |count, &length| count.checked_mul(length));
    let count = count.ok_or("is too large")?;
    let values = numbers(kind, data)?;
    if values.len() != count {
        return Err(format!("has {} numbers, its shape {shape:?} asks for {count}", values.len()));
    }
    Ok(Npy { shape, values })
}

/// The quoted text after a key.
fn text_after<'a>(header: &'a str, key: &str) -> Option<&'a str> {
    header.split_once(key)?.1.split('\'').nth(1)
}

fn shape_in(header: &str) -> Option<Vec<usize>> {
    let inside = header.split_once("'shape':")?.1.split_once('(')?.1.split_once(')')?.0;
    inside.split(',').map(str::trim).filter(|item| !item.is_empty()).map(|item| item.parse().ok()).collect()
}

fn numbers(kind: &str, data: &[u8]) -> Result<Vec<f64>, String> {
    macro_rules! read {
        ($type:ty) => {{
            let (numbers, rest) = data.as_chunks();
            if !rest.is_empty() {
                return Err("is cut off".to_owned());
            }
            Ok(numbers.iter().map(|bytes| <$type>::from_le_bytes(*bytes) as f64).collect())
        }};
    }
    match kind {
        "|i1" | "<i1" => read!(i8),
        "<i2" => read!(i16),
        "<i4" => read!(i32),
        "<i8" => read!(i64),
        "<f4" => read!(f32),
        "<f8" => read!(f64),
        other => {
            Err(format!("has numbers of type `{other}`, expected i1, i2, i4, i8, f4 or f8, little endian"))
        }
    }
}

/// A file with an array.
pub(super) fn encode(values: &Values) -> Vec<u8> {
    macro_rules! bytes {
        ($array:expr) => {
            $array.iter().flat_map(|number| number.to_le_bytes()).collect()
        };
    }
    let (kind, data): (_, Vec<u8>) = match values {
        Values::I8(array) => ("|i1", bytes!(array)),
        Values::U16(array) => ("<u2", bytes!(array)),
        Values::I32(array) => ("<i4", bytes!(array)),
        Values::U32(array) => ("<u4", bytes!(array)),
        Values::U64(array) => ("<u8", bytes!(array)),
        Values::F32(array) => ("<f4", bytes!(array)),
        Values::F64(array) => ("<f8", bytes!(array)),
    };
    let shape: String = values.shape().iter().map(|length| format!("{length}, ")).collect();
    let mut header =
        format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({}), }}", shape.trim_end());
    // Magic, two bytes of version, two of length; the header ends with a line feed.
    let begin = MAGIC.len() + 4;
    let padded = (begin + header.len() + 1).next_multiple_of(ALIGNMENT);
    header.push_str(&" ".repeat(padded - begin - header.len() - 1));
    header.push('\n');
    let mut file = MAGIC.to_vec();
    file.extend_from_slice(&[1, 0]);
    file.extend_from_slice(&(header.len() as u16).to_le_bytes());
    file.extend_from_slice(header.as_bytes());
    file.extend_from_slice(&data);
    file
}

#[cfg(test)]
mod tests {
    use ndarray::arr2;

    use super::*;

    #[test]
    fn arrays_come_back() {
        let array = arr2(&[[1.5, -2.0, 0.0], [3.0, 1e300, -0.125]]);
        let file = encode(&Values::F64(array.clone().into_dyn()));
        assert_eq!(file.len() % 8, 0);
        let back = decode(&file).expect("our own");
        assert_eq!((back.shape, back.values), (vec![2, 3], array.into_iter().collect()));
        for length in 0..file.len() {
            assert!(decode(&file[..length]).is_err(), "{length}");
        }
    }

    #[test]
    fn headers_of_numpy_are_read() {
        // numpy.save of numpy.array([1, -1, 1], dtype=numpy.int8), NumPy 2.3.
        let mut file =
            b"\x93NUMPY\x01\x00v\x00{'descr': '|i1', 'fortran_order': False, 'shape': (3,), }".to_vec();
        file.resize(127, b' ');
        file.push(b'\n');
        file.extend([1, 255, 1]);
        assert_eq!(decode(&file), Ok(Npy { shape: vec![3], values: vec![1.0, -1.0, 1.0] }));
    }
}
