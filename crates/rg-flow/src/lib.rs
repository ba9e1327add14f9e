//! The flow of a restricted Boltzmann machine, and the block-spin flow it is compared with.
