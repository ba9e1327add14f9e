//! The element types of arrays, and the conversions between them that lose nothing.

use ndarray::ArrayD;

/// The values of one array.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the variants are the element types")]
pub enum Values {
    I8(ArrayD<i8>),
    U16(ArrayD<u16>),
    I32(ArrayD<i32>),
    U32(ArrayD<u32>),
    U64(ArrayD<u64>),
    F32(ArrayD<f32>),
    F64(ArrayD<f64>),
}

/// Runs an expression with the array of whatever variant.
macro_rules! with_array {
    ($values:expr, $array:ident => $body:expr) => {
        match $values {
            Values::I8($array) => $body,
            Values::U16($array) => $body,
            Values::I32($array) => $body,
            Values::U32($array) => $body,
            Values::U64($array) => $body,
            Values::F32($array) => $body,
            Values::F64($array) => $body,
        }
    };
}

impl Values {
    /// The axis lengths.
    pub fn shape(&self) -> &[usize] {
        with_array!(self, array => array.shape())
    }

    /// The element type's name, as in Rust.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::I8(_) => "i8",
            Self::U16(_) => "u16",
            Self::I32(_) => "i32",
            Self::U32(_) => "u32",
            Self::U64(_) => "u64",
            Self::F32(_) => "f32",
            Self::F64(_) => "f64",
        }
    }

    /// The numbers as elements of another type, if each of them stays the same number; otherwise the index of the
    /// first that does not, and the number.
    pub(crate) fn convert<T: Element>(&self) -> Result<ArrayD<T>, (usize, String)> {
        with_array!(self, array => {
            let mut converted = Vec::with_capacity(array.len());
            for (index, &value) in array.iter().enumerate() {
                converted.push(T::from_number(value.into()).ok_or_else(|| (index, value.to_string()))?);
            }
            Ok(ArrayD::from_shape_vec(array.raw_dim(), converted).expect("the shape is that of the source"))
        })
    }
}

/// Any number that an array can hold: wide enough for all element types.
#[derive(Debug, Clone, Copy)]
pub enum Number {
    /// An integer.
    Integer(i128),
    /// A real number.
    Real(f64),
}

macro_rules! number_from {
    ($($type:ty => $variant:ident),*) => {$(
        impl From<$type> for Number {
            fn from(value: $type) -> Self {
                Self::$variant(value.into())
            }
        }
    )*};
}

number_from!(i8 => Integer, u16 => Integer, i32 => Integer, u32 => Integer, u64 => Integer, f32 => Real, f64 => Real);

/// An element type that [`Values`] can hold.
pub trait Element: Copy + 'static {
    /// The element type's name, as in Rust.
    const NAME: &'static str;
    /// Wraps an array.
    fn wrap(array: ArrayD<Self>) -> Values;
    /// The array, if it has this element type.
    fn unwrap(values: &Values) -> Option<&ArrayD<Self>>;
    /// The same number as an element of this type, if there is one.
    fn from_number(number: Number) -> Option<Self>;
}

macro_rules! element {
    ($($type:ty => $variant:ident, $from:ident);*) => {$(
        impl Element for $type {
            const NAME: &'static str = stringify!($type);
            fn wrap(array: ArrayD<Self>) -> Values {
                Values::$variant(array)
            }
            fn unwrap(values: &Values) -> Option<&ArrayD<Self>> {
                match values {
                    Values::$variant(array) => Some(array),
                    _ => None,
                }
            }
            fn from_number(number: Number) -> Option<Self> {
                $from(number)
            }
        }
    )*};
}

element!(i8 => I8, integer; u16 => U16, integer; i32 => I32, integer; u32 => U32, integer; u64 => U64, integer;
    f32 => F32, single; f64 => F64, double);

fn integer<T: TryFrom<i128>>(number: Number) -> Option<T> {
    match number {
        Number::Integer(value) => T::try_from(value).ok(),
        // Beyond 2^53 a real number no longer says which integer was meant.
        Number::Real(value) if value.fract() == 0.0 && value.abs() <= 9_007_199_254_740_992.0 => {
            T::try_from(value as i128).ok()
        }
        Number::Real(_) => None,
    }
}

fn double(number: Number) -> Option<f64> {
    match number {
        Number::Real(value) => Some(value),
        Number::Integer(value) => Some(value as f64).filter(|&real| real as i128 == value),
    }
}

fn single(number: Number) -> Option<f32> {
    let value = double(number)?;
    let narrow = value as f32;
    (f64::from(narrow) == value).then_some(narrow)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list<T: Element>(values: &[T]) -> Values {
        T::wrap(ndarray::Array1::from(values.to_vec()).into_dyn())
    }

    #[test]
    fn conversions_keep_every_number() {
        assert_eq!(list(&[1_i32, -1]).convert::<i8>().unwrap(), ndarray::arr1(&[1_i8, -1]).into_dyn());
        assert_eq!(list(&[1.0_f64, -1.0]).convert::<i8>().unwrap(), ndarray::arr1(&[1_i8, -1]).into_dyn());
        assert_eq!(list(&[2_i8, 3]).convert::<f64>().unwrap(), ndarray::arr1(&[2.0, 3.0]).into_dyn());
        assert_eq!(
            list(&[0.5_f64, 2.0]).convert::<f32>().unwrap(),
            ndarray::arr1(&[0.5_f32, 2.0]).into_dyn()
        );
        let infinite = list(&[f64::INFINITY]).convert::<f32>().unwrap();
        assert_eq!(infinite, ndarray::arr1(&[f32::INFINITY]).into_dyn());
    }

    #[test]
    fn conversions_refuse_what_would_change() {
        assert_eq!(list(&[1_i32, 128]).convert::<i8>(), Err((1, "128".to_owned())));
        assert_eq!(list(&[-1_i32]).convert::<u16>(), Err((0, "-1".to_owned())));
        assert_eq!(list(&[0.5_f64]).convert::<i8>(), Err((0, "0.5".to_owned())));
        assert_eq!(list(&[0.1_f64]).convert::<f32>(), Err((0, "0.1".to_owned())));
        assert_eq!(list(&[f64::NAN]).convert::<f32>(), Err((0, "NaN".to_owned())));
        assert_eq!(list(&[f64::INFINITY]).convert::<i32>(), Err((0, "inf".to_owned())));
        assert_eq!(list(&[u64::MAX]).convert::<f64>(), Err((0, u64::MAX.to_string())));
        assert_eq!(list(&[9_007_199_254_740_994.0_f64]).convert::<u64>().map_err(|(i, _)| i), Err(0));
    }
}
