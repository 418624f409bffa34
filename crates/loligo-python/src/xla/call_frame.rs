//! The frame in which XLA calls a function of another library: its foreign-function interface, version 0,
//! as `xla/ffi/api/c_api.h` of jaxlib lays it out.
//!
//! All unsafe code of the bindings is in here. XLA keeps everything that a frame points to alive during the
//! call; fields are only ever added behind those that are named here, and each structure says how long it is.

use std::ffi::{CString, c_char, c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::null_mut;
use std::slice;

/// What a handler returns to XLA: null, or an error that XLA made.
pub type Failure = *mut c_void;

const METADATA: c_int = 1;
const INVALID_ARGUMENT: c_int = 3;
const SIGNED_64: c_int = 5;
const SINGLE: c_int = 11;
const DOUBLE: c_int = 12;
const ARRAY: c_int = 1;
const SCALAR: c_int = 3;

#[repr(C)]
struct Extension {
    size: usize,
    kind: c_int,
    next: *mut Extension,
}

#[repr(C)]
struct Version {
    size: usize,
    extension: *mut Extension,
    major: c_int,
    minor: c_int,
}

#[repr(C)]
struct Metadata {
    size: usize,
    version: Version,
    traits: u32,
}

#[repr(C)]
struct MetadataExtension {
    base: Extension,
    metadata: *mut Metadata,
}

#[repr(C)]
struct ErrorArguments {
    size: usize,
    extension: *mut Extension,
    message: *const c_char,
    code: c_int,
}

#[repr(C)]
struct Api {
    size: usize,
    extension: *mut Extension,
    version: Version,
    internal: *const c_void,
    make_error: unsafe extern "C" fn(*mut ErrorArguments) -> Failure,
}

#[repr(C)]
struct Buffer {
    size: usize,
    extension: *mut Extension,
    kind: c_int,
    data: *mut c_void,
    rank: i64,
    dimensions: *mut i64,
}

/// Arguments or results.
#[repr(C)]
struct Buffers {
    size: usize,
    extension: *mut Extension,
    count: i64,
    kinds: *mut c_int,
    all: *mut *mut Buffer,
}

#[repr(C)]
struct Text {
    start: *const u8,
    len: usize,
}

#[repr(C)]
struct Scalar {
    kind: c_int,
    value: *const c_void,
}

#[repr(C)]
struct Array {
    kind: c_int,
    len: usize,
    start: *const c_void,
}

#[repr(C)]
struct Attributes {
    size: usize,
    extension: *mut Extension,
    count: i64,
    kinds: *mut c_int,
    names: *mut *mut Text,
    all: *mut *mut c_void,
}

/// A call.
#[repr(C)]
pub struct CallFrame {
    size: usize,
    extension: *mut Extension,
    api: *const Api,
    context: *mut c_void,
    stage: c_int,
    arguments: Buffers,
    results: Buffers,
    attributes: Attributes,
}

/// What a handler sees of a call.
pub struct Call<'f> {
    frame: &'f CallFrame,
}

impl Call<'_> {
    /// The arguments, in double precision.
    pub fn arguments(&self) -> Result<Vec<Vec<f64>>, String> {
        let buffers = buffers(&self.frame.arguments);
        buffers.map(read).collect()
    }

    /// Writes a result, in the precision that it is to have.
    pub fn write(&mut self, result: usize, numbers: &[f64]) -> Result<(), String> {
        let Some(buffer) = buffers(&self.frame.results).nth(result) else {
            return Err(format!("there is no result {result}"));
        };
        let len = len_of(buffer);
        if len != numbers.len() {
            let found = numbers.len();
            return Err(format!(
                "result {result} has {found} numbers, expected {len}"
            ));
        }
        // SAFETY: XLA hands out the buffers of results for this call alone, and each has as many numbers of
        // its kind as its dimensions say.
        unsafe {
            match buffer.kind {
                DOUBLE => slice_mut::<f64>(buffer.data, len).copy_from_slice(numbers),
                SINGLE => {
                    let to = slice_mut::<f32>(buffer.data, len).iter_mut();
                    to.zip(numbers)
                        .for_each(|(to, number)| *to = *number as f32);
                }
                other => return Err(unknown(other)),
            }
        }
        Ok(())
    }

    /// An attribute that is a whole number.
    pub fn integer(&self, name: &str) -> Result<i64, String> {
        match self.attribute(name) {
            Some((SCALAR, at)) => {
                // SAFETY: XLA says that this attribute is a scalar, and of which kind.
                unsafe {
                    let scalar = &*at.cast::<Scalar>();
                    match scalar.kind {
                        SIGNED_64 => Ok(*scalar.value.cast::<i64>()),
                        other => Err(unknown(other)),
                    }
                }
            }
            _ => Err(format!("there is no number `{name}`")),
        }
    }

    /// An attribute that is an array of whole numbers.
    pub fn integers(&self, name: &str) -> Result<Vec<i64>, String> {
        match self.attribute(name) {
            Some((ARRAY, at)) => {
                // SAFETY: XLA says that this attribute is an array, of which kind, and how long.
                unsafe {
                    let array = &*at.cast::<Array>();
                    match array.kind {
                        _ if array.len == 0 => Ok(Vec::new()),
                        SIGNED_64 => {
                            let start = array.start.cast::<i64>();
                            Ok(slice::from_raw_parts(start, array.len).to_vec())
                        }
                        other => Err(unknown(other)),
                    }
                }
            }
            _ => Err(format!("there is no array `{name}`")),
        }
    }

    /// The kind of an attribute, and where it is.
    fn attribute(&self, name: &str) -> Option<(c_int, *mut c_void)> {
        let attributes = &self.frame.attributes;
        (0..attributes.count as usize).find_map(|index| {
            // SAFETY: there are `count` names, kinds and places of attributes.
            unsafe {
                let text = &**attributes.names.add(index);
                let known = slice::from_raw_parts(text.start, text.len);
                let found = (*attributes.kinds.add(index), *attributes.all.add(index));
                (known == name.as_bytes()).then_some(found)
            }
        })
    }
}

/// Answers XLA: with what there is to know of a handler, or by carrying it out. Nothing unwinds into XLA.
///
/// # Safety
/// `frame` is the frame of a call by XLA.
pub unsafe fn answer(
    frame: *mut CallFrame,
    work: impl FnOnce(&mut Call<'_>) -> Result<(), String>,
) -> Failure {
    // SAFETY: by contract; XLA does not change the frame during the call.
    let frame = unsafe { &*frame };
    // SAFETY: an extension says of which type it is.
    unsafe {
        if !frame.extension.is_null() && (*frame.extension).kind == METADATA {
            let metadata = &mut *(*frame.extension.cast::<MetadataExtension>()).metadata;
            // what is used here is in all versions so far
            if let Some(api) = frame.api.as_ref() {
                metadata.version.major = api.version.major;
                metadata.version.minor = api.version.minor;
            }
            metadata.traits = 0;
            return null_mut();
        }
    }
    let outcome = catch_unwind(AssertUnwindSafe(|| work(&mut Call { frame })));
    let message = match outcome {
        Ok(Ok(())) => return null_mut(),
        Ok(Err(message)) => message,
        Err(_) => "the engine failed; this is a mistake of Loligo's own".to_owned(),
    };
    let message = CString::new(message.replace('\0', " ")).unwrap_or_default();
    let mut arguments = ErrorArguments {
        size: size_of::<ErrorArguments>(),
        extension: null_mut(),
        message: message.as_ptr(),
        code: INVALID_ARGUMENT,
    };
    // SAFETY: XLA copies the message.
    unsafe { ((*frame.api).make_error)(&mut arguments) }
}

fn buffers(of: &Buffers) -> impl Iterator<Item = &Buffer> {
    // SAFETY: there are `count` of them, and all are buffers: the interface knows nothing else.
    (0..of.count as usize).map(|index| unsafe { &**of.all.add(index) })
}

fn len_of(buffer: &Buffer) -> usize {
    let dimensions = match buffer.rank {
        0 => &[][..],
        // SAFETY: a buffer has `rank` dimensions.
        rank => unsafe { slice::from_raw_parts(buffer.dimensions, rank as usize) },
    };
    dimensions.iter().product::<i64>() as usize
}

fn read(buffer: &Buffer) -> Result<Vec<f64>, String> {
    let len = len_of(buffer);
    if len == 0 {
        return Ok(Vec::new());
    }
    // SAFETY: a buffer has as many numbers of its kind as its dimensions say.
    unsafe {
        match buffer.kind {
            DOUBLE => Ok(slice::from_raw_parts(buffer.data.cast::<f64>(), len).to_vec()),
            SINGLE => {
                let numbers = slice::from_raw_parts(buffer.data.cast::<f32>(), len);
                Ok(numbers.iter().map(|number| f64::from(*number)).collect())
            }
            other => Err(unknown(other)),
        }
    }
}

/// # Safety
/// There are `len` numbers of type `T` from `start` on, which nobody else uses.
unsafe fn slice_mut<'f, T>(start: *mut c_void, len: usize) -> &'f mut [T] {
    match len {
        0 => &mut [],
        // SAFETY: by contract.
        _ => unsafe { slice::from_raw_parts_mut(start.cast::<T>(), len) },
    }
}

fn unknown(kind: c_int) -> String {
    format!("an array is of XLA's data type {kind}, expected float32 or float64")
}
