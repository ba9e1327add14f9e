//! What the weights of a restricted Boltzmann machine have learnt: spectra, vectors, structure by distance.
