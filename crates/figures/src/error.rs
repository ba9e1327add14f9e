//! What can go wrong between a run and its pictures.

use datasets::ContentError;

/// A figure cannot be made or drawn.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum FigureError {
    #[error("figure {id}: {source}")]
    Content { id: String, source: ContentError },
    #[error("figure {id}: its arrays do not fit together: {what}")]
    Axes { id: String, what: String },
    #[error("there is no figure `{id}`; the figures are F01 to F17, P01, and Q1 to Q17")]
    UnknownFigure { id: String },
    #[error("the run has no replica: at least one is needed to make figures")]
    NoReplica,
}

/// Names the figure in the errors of its numbers.
pub(crate) trait InFigure<T> {
    fn in_figure(self, id: &str) -> Result<T, FigureError>;
}

impl<T> InFigure<T> for Result<T, ContentError> {
    fn in_figure(self, id: &str) -> Result<T, FigureError> {
        self.map_err(|source| FigureError::Content { id: id.to_owned(), source })
    }
}
