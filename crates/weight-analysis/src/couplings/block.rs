//! The nodes of all hidden units, a fixed number at a time: the couplings are sums over blocks of products of rows.

use rayon::prelude::*;

use super::CouplingError;
use super::parameters::HiddenUnit;
use super::quadrature::{Node, Nodes};

/// The number of nodes of a block; a fixed part of the result.
pub(super) const BLOCK: usize = 256;

/// Nodes side by side.
pub(super) struct Block {
    odd: Vec<f64>,
    even: Vec<f64>,
    /// `[visible, BLOCK]`.
    tangents: Vec<f64>,
}

impl Block {
    /// Missing nodes are zeros.
    fn of(sites: usize, nodes: &[Node]) -> Self {
        let mut block =
            Self { odd: vec![0.0; BLOCK], even: vec![0.0; BLOCK], tangents: vec![0.0; sites * BLOCK] };
        for (n, node) in nodes.iter().enumerate() {
            (block.odd[n], block.even[n]) = (node.odd, node.even);
        }
        block.tangents.par_chunks_mut(BLOCK).enumerate().for_each(|(i, row)| {
            row.iter_mut().zip(nodes).for_each(|(tangent, node)| *tangent = node.tangent[i]);
        });
        block
    }

    /// The weights of the nodes in couplings of an odd number of sites, [`BLOCK`] of them.
    pub(super) fn odd(&self) -> &[f64] {
        &self.odd
    }

    /// The weights of the nodes in couplings of an even number of sites, [`BLOCK`] of them.
    pub(super) fn even(&self) -> &[f64] {
        &self.even
    }

    /// tan(k w_i) at each node, [`BLOCK`] of them.
    pub(super) fn tangents(&self, site: usize) -> &[f64] {
        &self.tangents[site * BLOCK..(site + 1) * BLOCK]
    }
}

/// Shows all nodes of all hidden units, in order.
pub(super) fn for_each_block(
    hidden: &[HiddenUnit],
    mut show: impl FnMut(&Block),
) -> Result<(), CouplingError> {
    let sites = hidden.first().map_or(0, |unit| unit.weights.len());
    let too_large = |a: usize| {
        let unit = &hidden[a];
        let sum = unit.bias.abs() + unit.weights.iter().map(|w| w.abs()).sum::<f64>();
        CouplingError::TooLarge { hidden: a, sum }
    };
    let units: Vec<Nodes> = hidden
        .par_iter()
        .enumerate()
        .map(|(a, unit)| Nodes::new(unit).ok_or_else(|| too_large(a)))
        .collect::<Vec<_>>()
        .into_iter()
        .collect::<Result<_, _>>()?;
    let mut candidates = units.iter().flat_map(|nodes| (0..nodes.count()).map(move |number| (nodes, number)));
    let mut waiting: Vec<Node> = Vec::new();
    loop {
        let next: Vec<(&Nodes, usize)> = candidates.by_ref().take(BLOCK).collect();
        let ended = next.is_empty();
        waiting.par_extend(next.into_par_iter().filter_map(|(nodes, number)| nodes.at(number)));
        while waiting.len() >= BLOCK || (ended && !waiting.is_empty()) {
            let rest = waiting.split_off(BLOCK.min(waiting.len()));
            show(&Block::of(sites, &waiting));
            waiting = rest;
        }
        if ended {
            return Ok(());
        }
    }
}
