//! Why a training cannot begin, go on, or be continued.

/// A training is impossible or has failed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum TrainError {
    #[error("setting `{setting}` is {found}; it must be {expected}")]
    Setting { setting: &'static str, found: String, expected: &'static str },
    #[error("setting `temperatures` asks for {temperature}, but the configurations are at {available:?}")]
    TemperatureMissing { temperature: f64, available: Vec<f64> },
    #[error("there are no configurations at temperature {temperature}")]
    NoConfigurations { temperature: f64 },
    #[error("spin number {site} of configuration {sample} is {found}; it must be 1 or -1")]
    NotASpin { sample: usize, site: usize, found: i8 },
    #[error(
        "training diverged in epoch {epoch}, update {update}: max|W| is {max_abs_weight}; choose a learning rate \
         below {learning_rate} and continue from the last good state, which is that of the end of epoch {}",
        epoch - 1
    )]
    Diverged { epoch: u32, update: u64, max_abs_weight: f32, learning_rate: f32 },
    #[error("the saved state is of another training: {what}; start anew or restore what has changed")]
    OtherTraining { what: String },
    #[error("the saved state is damaged: {what}; start anew or continue from an earlier one")]
    DamagedState { what: String },
}
