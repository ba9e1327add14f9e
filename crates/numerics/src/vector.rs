//! Which vector instructions the kernels of this crate use: chosen at run time, and never visible in a result.
//!
//! Every kernel is compiled once per [`Width`] from one body: plain loops, or, where the compiler does not keep sums in
//! registers by itself, a macro over one kind of register. A kernel asks [`width`] once per call. What can differ
//! between widths is the time; the bits cannot, because each element's chain of operations is the same: additions,
//! subtractions, multiplications and divisions of IEEE 754, each rounded once. There are no fused multiply-adds, since
//! not every machine has them. (Of a result that is not a number only that is the same, not its other bits.) The tests
//! of this crate run each kernel at every width that the machine has and compare bits.
//!
//! [`Width::Portable`] uses no instructions beyond those of the compilation target: SSE2 on x86-64, 128 bits for four
//! numbers. It is there for proofs and for other architectures.

use std::sync::atomic::{AtomicU8, Ordering};

/// A set of vector instructions, narrowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Width {
    /// What every machine of the compilation target has.
    Portable,
    /// 256 bits: AVX2 (x86-64).
    Avx2,
    /// 512 bits: AVX-512 F, VL, DQ, BW (x86-64).
    Avx512,
}

impl Width {
    /// All widths, narrowest first.
    pub const ALL: [Width; 3] = [Width::Portable, Width::Avx2, Width::Avx512];

    /// The name that the command line and the benchmarks print.
    pub fn name(self) -> &'static str {
        match self {
            Width::Portable => "portable",
            Width::Avx2 => "avx2",
            Width::Avx512 => "avx512",
        }
    }

    /// The width of a name as [`Width::name`] gives it.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|width| width.name() == name)
    }
}

/// Not asked yet.
const UNKNOWN: u8 = u8::MAX;

/// The width in use, as its position in [`Width::ALL`].
static IN_USE: AtomicU8 = AtomicU8::new(UNKNOWN);

/// The width in use: the widest that the machine has, unless [`limit_width`] asked for less.
#[inline]
pub fn width() -> Width {
    match IN_USE.load(Ordering::Relaxed) {
        0 => Width::Portable,
        1 => Width::Avx2,
        2 => Width::Avx512,
        _ => limit_width(Width::Avx512),
    }
}

/// From now on the whole process uses at most `most` (less, if the machine has less), and the width that
/// results is returned. No result depends on it, so it may be called at any time, also while other threads
/// compute.
///
/// ```
/// use numerics::vector::{limit_width, width, Width};
/// assert_eq!(limit_width(Width::Portable), Width::Portable);
/// assert_eq!(width(), Width::Portable);
/// limit_width(Width::Avx512);
/// ```
pub fn limit_width(most: Width) -> Width {
    let width = most.min(widest());
    IN_USE.store(width as u8, Ordering::Relaxed);
    width
}

/// The widest set that this machine has.
pub fn widest() -> Width {
    #[cfg(target_arch = "x86_64")]
    {
        let narrow = is_x86_feature_detected!("avx2");
        let wide = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512bw");
        match (narrow, wide) {
            (true, true) => Width::Avx512,
            (true, false) => Width::Avx2,
            _ => Width::Portable,
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        Width::Portable
    }
}

/// Defines a function that runs an `#[inline(always)]` body compiled for the width in use.
///
/// The body is ordinary safe Rust over fixed-size chunks; inside the two functions with `#[target_feature]` the compiler
/// turns the same loops into 256-bit and 512-bit instructions.
///
/// ```
/// numerics::for_each_width! {
///     /// Σ x².
///     pub fn squares(values: &[f64]) -> f64 = squares_body;
/// }
///
/// #[inline(always)]
/// fn squares_body(values: &[f64]) -> f64 {
///     let mut sums = [0.0; 8];
///     for chunk in values.chunks_exact(8) {
///         sums.iter_mut().zip(chunk).for_each(|(sum, x)| *sum += x * x);
///     }
///     sums.iter().sum()
/// }
///
/// assert_eq!(squares(&[2.0; 16]), 64.0);
/// ```
#[macro_export]
macro_rules! for_each_width {
    ($(#[$attribute:meta])* $visibility:vis fn $name:ident(
        $($argument:ident: $type:ty),* $(,)?
    ) $(-> $result:ty)? = $body:path;) => {
        $(#[$attribute])*
        #[allow(unsafe_code, reason = "vector instructions of a machine that has them")]
        $visibility fn $name($($argument: $type),*) $(-> $result)? {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2")]
                fn avx2($($argument: $type),*) $(-> $result)? {
                    $body($($argument),*)
                }
                #[target_feature(enable = "avx2,avx512f,avx512vl,avx512dq,avx512bw")]
                fn avx512($($argument: $type),*) $(-> $result)? {
                    $body($($argument),*)
                }
                match $crate::vector::width() {
                    $crate::vector::Width::Portable => $body($($argument),*),
                    // SAFETY: `width` returns this value only if the machine has AVX2.
                    $crate::vector::Width::Avx2 => unsafe { avx2($($argument),*) },
                    // SAFETY: `width` returns this value only if the machine has all of these sets.
                    $crate::vector::Width::Avx512 => unsafe { avx512($($argument),*) },
                }
            }
            #[cfg(not(target_arch = "x86_64"))]
            $body($($argument),*)
        }
    };
}
