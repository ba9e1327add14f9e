//! The tests of the public interface, in one program.

mod exact;
mod paper;
mod posterior;
mod scale;
mod symmetry;
mod thermometers;
mod training;
