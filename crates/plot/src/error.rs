//! What can go wrong with a picture.

/// An error of a picture.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the messages say it")]
pub enum PlotError {
    #[error("there is no style `{name}` of pictures; the styles are page, column, and slides")]
    UnknownStyle { name: String },
    #[error("the picture is not valid SVG: {message}")]
    Picture { message: String },
    #[error("a picture of {width} x {height} pixels cannot be drawn")]
    Canvas { width: u32, height: u32 },
}
