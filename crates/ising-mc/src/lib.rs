//! Sampling the two-dimensional Ising model, with exact results to judge the samples by.
