//! The few calls of the C library that its safe wrapper lacks: file images in memory, checked shapes and types, and
//! strings whose encoding is checked.
//!
//! All of `unsafe` in this crate is here. Callers hold the library's lock (see [`exclusively`]).

#![expect(unsafe_code, reason = "calls into the C library of HDF5")]

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::ptr;
use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering};

use hdf5::file::LibraryVersion;
use hdf5::plist::FileAccess;
use hdf5::{Attribute, Container, Dataset, Dataspace, Datatype, File, Location};
use hdf5_sys::h5::{H5free_memory, hsize_t};
use hdf5_sys::h5a::{H5Acreate2, H5Aread, H5Awrite};
use hdf5_sys::h5f::{H5F_ACC_RDONLY, H5Fget_file_image, H5Fopen};
use hdf5_sys::h5p::{H5P_DEFAULT, H5Pset_file_image};
use hdf5_sys::h5pl::H5PLset_loading_state;
use hdf5_sys::h5s::{H5S_class_t, H5Sget_simple_extent_dims, H5Sget_simple_extent_type};
use hdf5_sys::h5t::{
    H5T_C_S1, H5T_VARIABLE, H5T_class_t, H5T_cset_t, H5T_sign_t, H5Tcopy, H5Tget_class, H5Tget_cset,
    H5Tget_offset, H5Tget_precision, H5Tget_sign, H5Tis_variable_str, H5Tset_cset, H5Tset_size,
};

/// The largest number of axes in HDF5.
const MOST_AXES: usize = 32;

/// Runs `work` while no other thread of the process is inside the HDF5 library, which is not made for threads.
///
/// The safe wrapper takes the same (reentrant) lock for each of its calls and switches off the library's printing of
/// errors; here it is held for the whole of a read or write, so that the calls below are covered too.
pub(super) fn exclusively<T>(work: impl FnOnce() -> T) -> T {
    static PLUGINS: Once = Once::new();
    hdf5::sync::sync(|| {
        PLUGINS.call_once(forbid_plugins);
        work()
    })
}

/// Keeps the library from loading shared objects, which it otherwise does when a file names a filter that it does not
/// know (from HDF5_PLUGIN_PATH, or a folder of the system).
fn forbid_plugins() {
    // SAFETY: in C the argument is a mask of the kinds of plugins that are allowed, by value; its declaration in Rust is
    // a pointer by mistake. The null pointer is the mask 0, and the call only stores it.
    unsafe { H5PLset_loading_state(ptr::null_mut()) };
}

/// A name for a file in memory. The library takes two open files of one name for the same.
fn fresh_name() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    format!("rbmflow-image-{}", COUNT.fetch_add(1, Ordering::Relaxed))
}

/// A new file in memory with a user block.
pub(super) fn create_image(user_block: usize) -> hdf5::Result<File> {
    File::with_options()
        .with_fapl(|access| {
            access
                .core_filebacked(false)
                .libver_bounds(LibraryVersion::V110, LibraryVersion::V110)
                .fclose_degree(hdf5::file::FileCloseDegree::Strong)
        })
        .with_fcpl(|creation| creation.userblock(user_block as u64).obj_track_times(false))
        .create(fresh_name())
}

/// The bytes of a file in memory, without its user block: the library leaves that out.
pub(super) fn image_of(file: &File) -> hdf5::Result<Vec<u8>> {
    file.flush()?;
    // SAFETY: the handle is valid while `file` lives; without a buffer the call only returns the length.
    let length = unsafe { H5Fget_file_image(file.id(), ptr::null_mut(), 0) };
    let mut image = vec![0_u8; usize::try_from(length).map_err(|_| "the file has no image")?];
    // SAFETY: the buffer has the length that is passed.
    let written = unsafe { H5Fget_file_image(file.id(), image.as_mut_ptr().cast(), image.len()) };
    if written != length {
        return Err("the file's image could not be copied".into());
    }
    Ok(image)
}

/// Opens the bytes of a file for reading; nothing is read from the disk, and the file is never locked.
pub(super) fn open_image(bytes: &[u8]) -> hdf5::Result<File> {
    let access: FileAccess = FileAccess::build()
        .core_filebacked(false)
        .fclose_degree(hdf5::file::FileCloseDegree::Strong)
        .finish()?;
    let name = CString::new(fresh_name()).expect("the name has no zero byte");
    // SAFETY: the library copies the `bytes` and never writes to them; all handles are valid during the calls, and
    // the new one goes to exactly one owner.
    unsafe {
        if H5Pset_file_image(access.id(), bytes.as_ptr().cast_mut().cast::<c_void>(), bytes.len()) < 0 {
            return Err("the file's image could not be set".into());
        }
        let id = H5Fopen(name.as_ptr(), H5F_ACC_RDONLY, access.id());
        if id < 0 {
            return Err("its HDF5 structure cannot be read".into());
        }
        hdf5::from_id(id)
    }
}

/// The axis lengths of a dataset or attribute; `None` if it is declared to have no data at all.
///
/// Unlike the safe wrapper's, an error is not taken for a scalar.
pub(super) fn extent(container: &Container) -> hdf5::Result<Option<Vec<u64>>> {
    let space = container.space()?;
    let mut lengths: [hsize_t; MOST_AXES] = [0; MOST_AXES];
    // SAFETY: the handle is valid while `space` lives, and the library has no more than 32 axes.
    let (class, axes) = unsafe {
        (
            H5Sget_simple_extent_type(space.id()),
            H5Sget_simple_extent_dims(space.id(), lengths.as_mut_ptr(), ptr::null_mut()),
        )
    };
    match class {
        H5S_class_t::H5S_NULL => Ok(None),
        H5S_class_t::H5S_SCALAR => Ok(Some(vec![])),
        H5S_class_t::H5S_SIMPLE => {
            let axes = usize::try_from(axes).map_err(|_| "its shape cannot be read")?;
            Ok(Some(lengths[..axes].to_vec()))
        }
        H5S_class_t::H5S_NO_CLASS => Err("its shape cannot be read".into()),
    }
}

/// Calls `visit` with the stored length of each chunk in bytes, until it says no.
#[cfg(feature = "hdf5")]
pub(super) fn stored_chunks(dataset: &Dataset, mut visit: impl FnMut(u64) -> bool) -> hdf5::Result<()> {
    dataset.chunks_visit(|chunk| if visit(chunk.size) { 0 } else { 1 })
}

/// Calls `visit` with the stored length of each chunk in bytes, until it says no; the slow way of HDF5 before 1.14.
#[cfg(not(feature = "hdf5"))]
pub(super) fn stored_chunks(dataset: &Dataset, mut visit: impl FnMut(u64) -> bool) -> hdf5::Result<()> {
    let chunks = dataset.num_chunks().ok_or("its chunks cannot be counted")?;
    for index in 0..chunks {
        let chunk = dataset.chunk_info(index).ok_or("one of its chunks cannot be found")?;
        if !visit(chunk.size) {
            break;
        }
    }
    Ok(())
}

/// What an element of a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// An integer of this many bits.
    Signed(usize),
    /// An integer of this many bits without sign.
    Unsigned(usize),
    /// A real number of this many bits.
    Real(usize),
    /// Text.
    Text,
    /// Something else, named.
    Other(&'static str),
}

impl Kind {
    /// The type's name, as in Rust where Rust has it.
    pub(super) fn name(self) -> String {
        match self {
            Self::Signed(bits) => format!("i{bits}"),
            Self::Unsigned(bits) => format!("u{bits}"),
            Self::Real(bits) => format!("f{bits}"),
            Self::Text => "text".to_owned(),
            Self::Other(name) => name.to_owned(),
        }
    }
}

/// The kind of a dataset's or attribute's elements.
pub(super) fn kind(container: &Container) -> hdf5::Result<Kind> {
    let datatype = container.dtype()?;
    let id = datatype.id();
    let bits = datatype.size().saturating_mul(8);
    // SAFETY: the handle is valid while `datatype` lives.
    let class = unsafe { H5Tget_class(id) };
    // SAFETY: as above, and these questions are asked of numbers only.
    let padded = || unsafe { H5Tget_precision(id) != bits || H5Tget_offset(id) != 0 };
    Ok(match class {
        H5T_class_t::H5T_INTEGER if !matches!(bits, 8 | 16 | 32 | 64) || padded() => {
            Kind::Other("odd integers")
        }
        // SAFETY: as above, asked of integers only.
        H5T_class_t::H5T_INTEGER => match unsafe { H5Tget_sign(id) } {
            H5T_sign_t::H5T_SGN_2 => Kind::Signed(bits),
            H5T_sign_t::H5T_SGN_NONE => Kind::Unsigned(bits),
            _ => Kind::Other("odd integers"),
        },
        H5T_class_t::H5T_FLOAT if !matches!(bits, 16 | 32 | 64) || padded() => {
            Kind::Other("odd real numbers")
        }
        H5T_class_t::H5T_FLOAT => Kind::Real(bits),
        H5T_class_t::H5T_STRING => Kind::Text,
        H5T_class_t::H5T_ENUM => {
            Kind::Other("enumerated values (booleans? of these, 2 * a.astype('i1') - 1 in NumPy)")
        }
        H5T_class_t::H5T_COMPOUND => Kind::Other("compound values"),
        H5T_class_t::H5T_REFERENCE => Kind::Other("references"),
        H5T_class_t::H5T_VLEN => Kind::Other("lists of variable length"),
        H5T_class_t::H5T_ARRAY => Kind::Other("arrays"),
        _ => Kind::Other("another type"),
    })
}

/// A text of fixed length with a zero at its end, as dimension scales have them, in a new attribute.
pub(super) fn put_fixed_text(location: &Location, name: &str, text: &str) -> hdf5::Result<()> {
    let [name, text] = [name, text].map(CString::new);
    let (Ok(name), Ok(text)) = (name, text) else { return Err("a text has a zero byte".into()) };
    let bytes = text.as_bytes_with_nul();
    let space = Dataspace::try_new(())?;
    // SAFETY: all handles are valid during the calls, each new one goes to exactly one owner, and as many bytes are read
    // as the type says.
    unsafe {
        let datatype: Datatype = hdf5::from_id(H5Tcopy(*H5T_C_S1))?;
        if H5Tset_size(datatype.id(), bytes.len()) < 0 {
            return Err("a text cannot have this length".into());
        }
        let id =
            H5Acreate2(location.id(), name.as_ptr(), datatype.id(), space.id(), H5P_DEFAULT, H5P_DEFAULT);
        let attribute: Attribute = hdf5::from_id(id)?;
        if H5Awrite(attribute.id(), datatype.id(), bytes.as_ptr().cast()) < 0 {
            return Err("a text cannot be written".into());
        }
    }
    Ok(())
}

/// Whether a text is stored with its length, apart from its attribute.
pub(super) fn is_variable_text(attribute: &Attribute) -> hdf5::Result<bool> {
    let datatype = attribute.dtype()?;
    // SAFETY: the handle is valid while `datatype` lives.
    match unsafe { H5Tis_variable_str(datatype.id()) } {
        0 => Ok(false),
        answer if answer > 0 => Ok(true),
        _ => Err("its text cannot be read".into()),
    }
}

/// The text of an attribute of kind [`Kind::Text`] without axes, of fixed or variable length.
pub(super) fn text(attribute: &Attribute) -> hdf5::Result<String> {
    let datatype = attribute.dtype()?;
    let bytes = if is_variable_text(attribute)? {
        variable_text(attribute, &datatype)?
    } else {
        fixed_text(attribute, &datatype)?
    };
    String::from_utf8(bytes).map_err(|_| "its text is not UTF-8".into())
}

fn fixed_text(attribute: &Attribute, datatype: &Datatype) -> hdf5::Result<Vec<u8>> {
    let mut bytes = vec![0_u8; datatype.size()];
    // SAFETY: one element of exactly the attribute's own type is read into a buffer of that type's size.
    if unsafe { H5Aread(attribute.id(), datatype.id(), bytes.as_mut_ptr().cast()) } < 0 {
        return Err("its text cannot be read".into());
    }
    let length = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
    bytes.truncate(length);
    // Fortran fills up with spaces.
    bytes.truncate(bytes.trim_ascii_end().len());
    Ok(bytes)
}

fn variable_text(attribute: &Attribute, datatype: &Datatype) -> hdf5::Result<Vec<u8>> {
    let mut pointer: *mut c_char = ptr::null_mut();
    // SAFETY: the memory type is a pointer to a C string with the character set of the file; the library allocates
    // the string and frees it again when it has been copied. The type's handle has one owner.
    unsafe {
        let memory: Datatype = hdf5::from_id(H5Tcopy(*H5T_C_S1))?;
        let set: H5T_cset_t = H5Tget_cset(datatype.id());
        if H5Tset_size(memory.id(), H5T_VARIABLE) < 0 || H5Tset_cset(memory.id(), set) < 0 {
            return Err("its text has an unknown encoding".into());
        }
        let buffer = ptr::from_mut(&mut pointer).cast::<c_void>();
        let outcome: c_int = H5Aread(attribute.id(), memory.id(), buffer);
        let bytes = if pointer.is_null() { vec![] } else { CStr::from_ptr(pointer).to_bytes().to_vec() };
        H5free_memory(pointer.cast());
        if outcome < 0 {
            return Err("its text cannot be read".into());
        }
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plugins_are_not_loaded() {
        let mut state: c_int = -1;
        // SAFETY: the state is written into a variable of its type.
        let outcome = exclusively(|| unsafe { hdf5_sys::h5pl::H5PLget_loading_state(&mut state) });
        assert!(outcome >= 0);
        assert_eq!(state, 0);
    }
}
