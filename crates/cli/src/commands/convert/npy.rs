//! NumPy's format for one array, version 1.0 to 3.0: magic, version, a header in Python's notation, and the numbers.

mod header;

use datasets::Values;
use ndarray::{ArrayD, IxDyn, ShapeBuilder as _};

use header::Header;

const MAGIC: &[u8] = b"\x93NUMPY";
/// Headers are padded so that the numbers begin at a multiple of this.
const ALIGNMENT: usize = 64;

/// An array of numbers in row-major order.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Npy {
    pub(super) shape: Vec<usize>,
    pub(super) values: Vec<f64>,
}

/// The fault of the first bytes of a file that is no array.
pub(super) fn look(bytes: &[u8]) -> Result<(), String> {
    if !bytes.starts_with(MAGIC) {
        return Err("is no array in NumPy's format (.npy, .npz), nor a table by its name (.csv)".to_owned());
    }
    Ok(())
}

/// The array of a file; what is wrong if there is none.
pub(super) fn decode(bytes: &[u8]) -> Result<Npy, String> {
    look(bytes)?;
    let short = || "is cut off".to_owned();
    let rest = &bytes[MAGIC.len()..];
    let (length, rest) = match rest {
        [1, _, a, b, rest @ ..] => (usize::from(u16::from_le_bytes([*a, *b])), rest),
        [2 | 3, _, a, b, c, d, rest @ ..] => (u32::from_le_bytes([*a, *b, *c, *d]) as usize, rest),
        [version, ..] if !(1..=3).contains(version) => {
            return Err(format!("has version {version} of NumPy's format, this program reads 1 to 3"));
        }
        _ => return Err(short()),
    };
    let text = std::str::from_utf8(rest.get(..length).ok_or_else(short)?)
        .map_err(|_| "has a header that is no text")?;
    let Header { kind, fortran_order, shape } = Header::parse(text)?;
    let count = shape.iter().try_fold(1usize, |count, &length| count.checked_mul(length));
    let count = count.ok_or("is too large")?;
    let values = numbers(&kind, &rest[length..])?;
    if values.len() != count {
        return Err(format!("has {} numbers, its shape {shape:?} asks for {count}", values.len()));
    }
    let array = ArrayD::from_shape_vec(IxDyn(&shape).set_f(fortran_order), values);
    let array = array.map_err(|_| "is too large")?;
    Ok(Npy { values: array.iter().copied().collect(), shape })
}

fn numbers(kind: &str, data: &[u8]) -> Result<Vec<f64>, String> {
    macro_rules! read {
        ($order:expr, $little:expr, $big:expr) => {{
            let (numbers, rest) = data.as_chunks();
            if !rest.is_empty() {
                return Err("is cut off".to_owned());
            }
            match $order {
                '>' => Ok(numbers.iter().map(|bytes| $big(*bytes)).collect()),
                _ => Ok(numbers.iter().map(|bytes| $little(*bytes)).collect()),
            }
        }};
        ($order:expr, $type:ty) => {
            read!($order, |b| <$type>::from_le_bytes(b) as f64, |b| <$type>::from_be_bytes(b) as f64)
        };
    }
    let refused = || {
        let cure = "numpy.save('NAME.npy', array.astype('i1'))";
        format!("has numbers of type `{kind}`, expected integers, real numbers or booleans; {cure}")
    };
    // `=` is the order of the machine that wrote, which no file should say.
    let (order, kind) = kind.split_at_checked(1).ok_or_else(refused)?;
    let order = match order {
        "<" | "|" => '<',
        ">" => '>',
        _ => return Err(refused()),
    };
    match kind {
        "b1" | "u1" => read!(order, u8),
        "i1" => read!(order, i8),
        "i2" => read!(order, i16),
        "i4" => read!(order, i32),
        "i8" => read!(order, i64),
        "u2" => read!(order, u16),
        "u4" => read!(order, u32),
        "u8" => read!(order, u64),
        "f2" => {
            read!(order, |b| half(u16::from_le_bytes(b)), |b| half(u16::from_be_bytes(b)))
        }
        "f4" => read!(order, f32),
        "f8" => read!(order, f64),
        _ => Err(refused()),
    }
}

/// The value of a real number of half precision, IEEE 754 binary16: 1 bit of sign, 5 of exponent, 10 of fraction.
fn half(bits: u16) -> f64 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 31), f64::from(bits & 1023) / 1024.0);
    sign * match exponent {
        0 => fraction * 2f64.powi(-14),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1.0 + fraction) * 2f64.powi(exponent - 15),
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
    /// A file as other writers make it: version 1 to 3, any type, either order of the axes.
    fn written(version: u8, kind: &str, order: &str, shape: &str, data: &[u8]) -> Vec<u8> {
        let header = format!("{{'descr':'{kind}','fortran_order':{order},'shape':{shape}}}\n");
        let length = header.len() as u32;
        let mut file = [MAGIC, &[version, 0]].concat();
        file.extend_from_slice(&length.to_le_bytes()[..if version == 1 { 2 } else { 4 }]);
        file.extend_from_slice(header.as_bytes());
        file.extend_from_slice(data);
        file
    }

    #[test]
    fn the_first_axis_may_be_the_fastest() {
        let columns = [1, 4, 2, 5, 3, 6];
        for version in 1..=3 {
            let array = decode(&written(version, "|i1", "True", "(2, 3)", &columns));
            assert_eq!(array.map(|array| array.values), Ok(vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]));
        }
        let array = decode(&written(1, "|i1", "False", "(2, 3)", &columns));
        assert_eq!(array.map(|array| array.values), Ok(columns.map(f64::from).to_vec()));
    }

    #[test]
    fn every_type_and_order_of_bytes_is_read() {
        macro_rules! check {
            ($type:ty, $name:expr) => {
                for number in [0 as $type, 1 as $type, <$type>::MAX] {
                    let little =
                        decode(&written(1, concat!("<", $name), "False", "()", &number.to_le_bytes()));
                    let big = decode(&written(1, concat!(">", $name), "False", "()", &number.to_be_bytes()));
                    let expected = Ok(Npy { shape: vec![], values: vec![number as f64] });
                    assert_eq!((&little, &big), (&expected, &expected), "{}", $name);
                }
            };
        }
        check!(i8, "i1");
        check!(i16, "i2");
        check!(i32, "i4");
        check!(i64, "i8");
        check!(u8, "u1");
        check!(u16, "u2");
        check!(u32, "u4");
        check!(u64, "u8");
        check!(f32, "f4");
        check!(f64, "f8");
        let truth = decode(&written(1, "|b1", "False", "(2,)", &[0, 1]));
        assert_eq!(truth.map(|array| array.values), Ok(vec![0.0, 1.0]));
        for (kind, word) in [("<c8", "integers"), ("|S4", "integers"), ("<M8[s]", "integers"), ("", "type")] {
            let error = decode(&written(1, kind, "False", "(1,)", &[0; 8])).expect_err(kind);
            assert!(error.contains(word) && error.contains(kind), "{error}");
        }
        assert!(decode(b"PK\x03\x04rest").expect_err("an archive").contains("no array"));
    }

    /// The examples of IEEE 754's binary16.
    #[test]
    fn half_precision_is_that_of_the_standard() {
        let (largest, smallest) = (65504.0, 2f64.powi(-24));
        for (bits, value) in [
            (0x3c00, 1.0),
            (0xbc00, -1.0),
            (0x3555, 0.333_251_953_125),
            (0x7bff, largest),
            (0x0400, 2f64.powi(-14)),
            (0x0001, smallest),
            (0x7c00, f64::INFINITY),
            (0xfc00, f64::NEG_INFINITY),
            (0x0000, 0.0),
        ] {
            assert_eq!(half(bits), value, "{bits:x}");
        }
        assert!(half(0x7e00).is_nan());
    }
}
