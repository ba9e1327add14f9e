//! The numbers of each figure, the pictures drawn from them, the claims, and the report.
