//! Restricted Boltzmann machines: model, gradients, trainers, likelihoods, Gibbs chains.
