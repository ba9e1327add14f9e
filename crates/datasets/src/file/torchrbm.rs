//! Machines as TorchRBM (`rbms` 0.5.0, `rbms/io.py`) keeps them: a group `update_N/params` for each kept update, with
//! `weight_matrix` [visible, hidden], `vbias` and `hbias`, and the text `model_type`. Their units are 0 and 1. Beside them
//! stand the chains and the settings of its training, which `load_model` asks for.

use std::collections::BTreeMap;
use std::path::Path;

use hdf5::types::VarLenUnicode;
use ndarray::{Array, Array2, Dimension};

use super::block::{self, Origin};
use super::decode::Reader;
use super::errors::{ReadError, WriteError};
use super::{library, load_hdf5, superblock};
use crate::checks::wrong_attribute;
use crate::rbm::{Rbm, Units};
use crate::tree::{ContentError, Tree};

/// What TorchRBM calls machines with 0 and 1 in both layers.
const MODEL: &str = "BBRBM";

/// What TorchRBM keeps of a training, of which we have nothing that means the same: 0.
const SETTINGS: [&str; 5] = ["batch_size", "gibbs_steps", "learning_rate", "L1", "L2"];

/// The bytes of a file with a machine of 0/1 units, which `rbms.io.load_model` and `load_params` read at the index of its
/// updates, without chains; `path` is what errors call it.
///
/// # Errors
///
/// If the units are spins, or the HDF5 library fails.
pub fn to_torchrbm(path: &Path, rbm: &Rbm) -> Result<Vec<u8>, WriteError> {
    if rbm.units != Units::Binary {
        let source = wrong_attribute("units", rbm.units.name(), "`binary`: TorchRBM has no other");
        return Err(WriteError::WrongContent { path: path.to_owned(), source });
    }
    let mut image = library::exclusively(|| {
        let file = library::create_image(0)?;
        fill(&file, rbm)?;
        library::image_of(&file)
    })
    .map_err(|error| WriteError::Library { path: path.to_owned(), message: error.to_string() })?;
    superblock::settle_checksum(&mut image);
    Ok(image)
}

fn fill(file: &hdf5::File, rbm: &Rbm) -> hdf5::Result<()> {
    let group = |name: &str| file.create_group_builder().obj_track_times(false).create(name);
    let update = format!("update_{}", rbm.updates);
    let parameters = format!("{update}/params");
    group(&update)?;
    group(&parameters)?;
    let put = |name: &str, values: ndarray::ArrayViewD<f32>| {
        let builder = file.new_dataset_builder().obj_track_times(false);
        builder.with_data(values).create(format!("{parameters}/{name}").as_str()).map(drop)
    };
    put("weight_matrix", rbm.weights.as_standard_layout().view().into_dyn())?;
    put("vbias", rbm.visible_bias.view().into_dyn())?;
    put("hbias", rbm.hidden_bias.view().into_dyn())?;
    let no_chains = Array2::<f32>::zeros((0, rbm.visible()));
    file.new_dataset_builder().obj_track_times(false).with_data(&no_chains).create("parallel_chains")?;
    group("hyperparameters")?;
    let settings = SETTINGS.iter().map(|name| format!("hyperparameters/{name}"));
    for name in settings.chain([format!("{update}/time")]) {
        file.new_dataset::<f64>().obj_track_times(false).create(name.as_str())?.write_scalar(&0.0)?;
    }
    let text: VarLenUnicode = MODEL.parse().map_err(|_| "a text has a zero byte")?;
    file.new_dataset::<VarLenUnicode>().obj_track_times(false).create("model_type")?.write_scalar(&text)
}

/// Reads a machine of TorchRBM at an update that it was kept at, the last one if none is asked for.
///
/// # Errors
///
/// If the file cannot be read, has no machine of 0/1 units, or not at this update.
pub fn read_torchrbm(path: &Path, update: Option<u64>) -> Result<Rbm, ReadError> {
    let bytes = load_hdf5(path)?;
    if block::check(&bytes, path)?.0 != Origin::Foreign {
        let (found, expected) = ("one of rbmflow".to_owned(), "a file of TorchRBM".to_owned());
        return Err(ReadError::WrongSchema { path: path.to_owned(), found, expected });
    }
    let tree = library::exclusively(|| Reader::open(path, &bytes, Origin::Foreign)?.tree(BTreeMap::new()))?;
    machine(&tree, update).map_err(|source| ReadError::WrongContent { path: path.to_owned(), source })
}

fn machine(tree: &Tree, update: Option<u64>) -> Result<Rbm, ContentError> {
    let number = |path: &String| path.strip_prefix("update_")?.split_once("/params/")?.0.parse().ok();
    let kept: Vec<u64> = tree.datasets.keys().filter_map(number).collect();
    let last = kept.iter().copied().max();
    let update = update.or(last).unwrap_or(0);
    if !kept.contains(&update) {
        let path = format!("update_{update}/params/weight_matrix");
        return Err(ContentError::MissingDataset { path });
    }
    let path = |name: &str| format!("update_{update}/params/{name}");
    let weights = numbers(tree, &path("weight_matrix"))?;
    let biases = [numbers(tree, &path("vbias"))?, numbers(tree, &path("hbias"))?];
    let [visible_bias, hidden_bias] = biases;
    Ok(Rbm { updates: update, ..Rbm::new(Units::Binary, weights, visible_bias, hidden_bias)? })
}

/// An array in single precision, rounded where TorchRBM has double.
fn numbers<D: Dimension>(tree: &Tree, path: &str) -> Result<Array<f32, D>, ContentError> {
    tree.get::<f32, D>(path).or_else(|_| Ok(tree.get::<f64, D>(path)?.mapv(|value| value as f32)))
}
